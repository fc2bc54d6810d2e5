import { and, eq, inArray } from "drizzle-orm";
import { participants } from "#domains/accounts/tables.ts";
import { buildEnergyBook } from "#domains/pool/rules/energyBook.ts";
import { orderDigest, poolSeparator, type SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { orders } from "#domains/pool/tables.ts";
import type { Book } from "#kernel/auction/book.ts";
import { type Clearing, clearBook } from "#kernel/auction/clearing.ts";
import type { Pricing, Side } from "#kernel/auction/order.ts";
import { type PairedTrades, pairTrades } from "#kernel/auction/trades.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalKey } from "./intervals.ts";

export type OrderRow = typeof orders.$inferSelect;

/** Submitted orders with their fills, cleared anew in the merit order that the contract verified. */
export type SubmittedBook = {
  readonly bids: readonly OrderRow[];
  readonly offers: readonly OrderRow[];
  readonly book: Book;
  readonly clearing: Clearing;
  readonly paired: PairedTrades;
};

/** Rows of orders that were not submitted yet, in the order given. */
export async function orderRows({
  tx,
  deployment,
  event: { areaId, intervalId },
  orders: list,
}: {
  tx: Queryable;
  deployment: Deployment;
  event: IntervalKey;
  orders: readonly SignedOrder[];
}): Promise<OrderRow[]> {
  const separator = poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket"));
  const signers = await signersOf(tx, list);
  return list.map((order) => ({
    orderId: toHex(orderDigest(order, { separator, areaId, intervalId })),
    areaId,
    intervalId,
    step: null,
    side: order.side,
    place: null,
    account: order.participant,
    limitPriceMicroPerKwh: order.limitPriceMicroPerKwh,
    energyWh: order.energyWh,
    sequence: order.sequence,
    signature: toHex(order.signature),
    signer: signers.get(order.participant) ?? null,
    fillWh: null,
    exactPayment: null,
    receivedAt: null,
    submittedAt: null,
    refusal: null,
  }));
}

/**
 * Takes the orders of the steps before the last out of the table, each side in merit order: they are written with their
 * fills. A clearing of one step has none.
 */
export function takeSubmitted(tx: Queryable, { areaId, intervalId }: IntervalKey): Promise<OrderRow[]> {
  return tx
    .delete(orders)
    .where(and(eq(orders.areaId, areaId), eq(orders.intervalId, intervalId)))
    .returning();
}

/** The book of submitted orders cleared anew; rows are put into merit order by side and place. */
export function clearSubmitted(submitted: readonly OrderRow[], pricing: Pricing): SubmittedBook {
  const rows = [...submitted].sort((a, b) => (a.place ?? 0) - (b.place ?? 0));
  const book = buildEnergyBook(rows.map((row) => ({ ...row, participant: row.account })));
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

/** Whose key signs for each account at this point of the chain: its owner's, or its entity's (R5.10). */
async function signersOf(tx: Queryable, list: readonly SignedOrder[]): Promise<Map<number, string>> {
  const accounts = [...new Set(list.map(({ participant }) => participant))];
  const members = await participantsOf(tx, accounts);
  const joined = members.flatMap(({ entity }) => (entity === null ? [] : [entity]));
  const entities = joined.length === 0 ? [] : await participantsOf(tx, joined);
  const addresses = new Map(entities.map(({ account, address }) => [account, address]));
  return new Map(
    members.map(({ account, address, entity }) => [
      account,
      entity === null ? address : (addresses.get(entity) ?? address),
    ]),
  );
}

function participantsOf(tx: Queryable, accounts: readonly number[]) {
  return tx
    .select()
    .from(participants)
    .where(inArray(participants.account, [...accounts]));
}
