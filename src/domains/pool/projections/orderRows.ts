import { inArray } from "drizzle-orm";
import { participants } from "#domains/accounts/tables.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import { buildEnergyBook } from "#domains/pool/rules/energyBook.ts";
import {
  type OrderContext,
  orderDigest,
  orderSigner,
  poolSeparator,
  type SignedOrder,
} from "#domains/pool/rules/signedOrder.ts";
import { orders } from "#domains/pool/tables.ts";
import type { Book } from "#kernel/auction/book.ts";
import { type Clearing, clearBook } from "#kernel/auction/clearing.ts";
import type { Pricing, Side } from "#kernel/auction/order.ts";
import { type PairedTrades, pairTrades } from "#kernel/auction/trades.ts";
import { fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { remembered, replaceRows, rowsOf } from "#platform/store/workingSet.ts";
import type { PoolProjection } from "./poolProjection.ts";
import type { AreaRow } from "./terms.ts";

export type OrderRow = typeof orders.$inferSelect;

/** Submitted orders with their fills, cleared anew in the merit order that the contract verified. */
export type SubmittedBook = {
  readonly bids: readonly OrderRow[];
  readonly offers: readonly OrderRow[];
  readonly book: Book;
  readonly clearing: Clearing;
  readonly paired: PairedTrades;
};

/**
 * Rows of orders that were not submitted yet, in the order given; without those of members that the area does not have, which
 * no market took.
 */
export async function orderRows<Order extends SignedOrder>(
  { tx, deployment, event }: PoolProjection<"stepVerified" | "intervalCleared">,
  {
    area,
    accounts,
    orders: list,
  }: { area: AreaRow; accounts: ReadonlyMap<number, number>; orders: readonly Order[] },
): Promise<{ readonly row: OrderRow; readonly order: Order }[]> {
  const { areaId, intervalId } = event;
  const separator = poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket"));
  const context = { separator, areaId, intervalId };
  const signing = list.flatMap(({ participant }) => accounts.get(participant) ?? []);
  const signerOf = await signers(tx, { area, context, accounts: signing });
  return list.flatMap((order) => {
    const account = accounts.get(order.participant);
    if (account === undefined) return [];
    const row = {
      orderId: toHex(orderDigest(order, context)),
      areaId,
      intervalId,
      step: null,
      side: order.side,
      place: null,
      member: order.participant,
      account,
      limitPriceMicroPerKwh: order.limitPriceMicroPerKwh,
      energyWh: order.energyWh,
      sequence: order.sequence,
      signature: toHex(order.signature),
      signer: signerOf(order, account),
      fillWh: null,
      exactPayment: null,
      receivedAt: null,
      submittedAt: null,
      refusal: null,
    };
    return [{ row, order }];
  });
}

/** A row as the order that was signed. */
export function signedOrder(row: OrderRow): SignedOrder & { readonly row: OrderRow } {
  return {
    participant: row.member,
    side: row.side,
    energyWh: row.energyWh,
    limitPriceMicroPerKwh: row.limitPriceMicroPerKwh,
    sequence: row.sequence,
    signature: fromHex(row.signature as Hex),
    row,
  };
}

/** The orders of the steps so far of the clearing under way, each side in merit order. */
export async function listSubmitted(tx: Queryable, place: IntervalPlace): Promise<OrderRow[]> {
  const rows = await rowsOf(tx, orders, place);
  return byPlace(rows.filter(({ step }) => step !== null));
}

/** Takes all orders of an interval out of the table: they are written anew. */
export async function dropOrders(tx: Queryable, place: IntervalPlace): Promise<void> {
  await replaceRows(tx, orders, place, { by: [] });
}

/** The orders of a clearing that was given up are known still, and submitted no more. */
export async function forgetSubmission(tx: Queryable, place: IntervalPlace): Promise<void> {
  const rows = await rowsOf(tx, orders, place);
  await replaceRows(tx, orders, place, {
    by: rows.map((row) => ({ ...row, step: null, place: null, submittedAt: null })),
  });
}

function byPlace(rows: readonly OrderRow[]): OrderRow[] {
  return [...rows].sort((a, b) => (a.place ?? 0) - (b.place ?? 0));
}

/** The book of submitted orders cleared anew; rows are put into merit order by side and place. */
export function clearSubmitted(submitted: readonly OrderRow[], pricing: Pricing): SubmittedBook {
  const rows = byPlace(submitted);
  const book = buildEnergyBook(rows.map((row) => ({ ...row, participant: row.member })));
  const clearing = clearBook(book, pricing);
  const paired = pairTrades(book, clearing);
  const payments = sumPayments(book, paired);
  const filled = (side: Side, fillWh: Uint32Array, exactPayments: readonly bigint[]) =>
    rows
      .filter((row) => row.side === side)
      .map((row, i) => ({ ...row, fillWh: fillWh[i] as number, exactPayment: exactPayments[i] as bigint }));
  return {
    bids: filled("bid", clearing.bidFills, payments.bids),
    offers: filled("offer", clearing.offerFills, payments.offers),
    book,
    clearing,
    paired,
  };
}

/** What each order pays in all its trades, thousandths of a micro; negative when it is paid. */
function sumPayments({ bids, offers }: Book, paired: PairedTrades): { bids: bigint[]; offers: bigint[] } {
  const payments = {
    bids: Array.from(bids.quantity, () => 0n),
    offers: Array.from(offers.quantity, () => 0n),
  };
  paired.quantity.forEach((energyWh, i) => {
    const exact = BigInt(energyWh) * BigInt(paired.priceMicroPerThousand[i] as number);
    const [bid, offer] = [paired.bid[i] as number, paired.offer[i] as number];
    payments.bids[bid] = (payments.bids[bid] as bigint) + exact;
    payments.offers[offer] = (payments.offers[offer] as bigint) - exact;
  });
  return payments;
}

type Participant = typeof participants.$inferSelect;

/**
 * Who signed an order: the one who signs for its account at the gate (R5.10). Where a change was announced that the gate still
 * closed before, the signature itself says it.
 */
async function signers(
  tx: Queryable,
  { area, context, accounts }: { area: AreaRow; context: OrderContext; accounts: readonly number[] },
): Promise<(order: SignedOrder, account: number) => string | null> {
  const closesAt = gateClosesAt(context.intervalId, area.terms);
  const members = await participantsOf(tx, accounts);
  const entities = await participantsOf(
    tx,
    [...members.values()].flatMap(({ entity }) => entity ?? []),
  );
  const settledSigner = ({ entity, entityFrom, ...own }: Participant): string | null => {
    if (entityFrom !== null && closesAt < entityFrom) return null;
    const signatory = entity === null ? own : entities.get(entity);
    if (!signatory || (signatory.agentFrom !== null && closesAt < signatory.agentFrom)) return null;
    return signatory.agent ?? signatory.owner;
  };
  return (order, account) => {
    const participant = members.get(account);
    return (participant && settledSigner(participant)) ?? orderSigner(order, context);
  };
}

async function participantsOf(
  tx: Queryable,
  accounts: readonly number[],
): Promise<ReadonlyMap<number, Participant>> {
  const look = async () => new Map<number, Participant>();
  const known = await remembered(tx, participants, { key: "each", look });
  const unknown = [...new Set(accounts)].filter((account) => !known.has(account));
  if (unknown.length > 0)
    for (const row of await tx.select().from(participants).where(inArray(participants.account, unknown)))
      known.set(row.account, row);
  return known;
}
