import { and, asc, eq, inArray } from "drizzle-orm";
import type { ChainEvent, ClearingSubmission } from "#chain/chainEvent.ts";
import { positionsOfSteps, type StepCut } from "#evidence/clearingPlan.ts";
import { toHex } from "#evidence/hex.ts";
import { type OrderContext, orderDigest, poolSeparator, type SignedOrder } from "#evidence/signedOrder.ts";
import { settlementPrices, supplierReserveMicro } from "#market/area.ts";
import { buildBook } from "#market/book.ts";
import { type Clearing, clearBook } from "#market/clearing.ts";
import type { Pricing } from "#market/order.ts";
import { welfareMicro } from "#market/payments.ts";
import { type PairedTrades, pairTrades } from "#market/trades.ts";
import { toJson } from "../factsJson.ts";
import { insertAll } from "../insertAll.ts";
import type { Queryable } from "../openStore.ts";
import type { Projection } from "../project.ts";
import { clearingSteps, orders, participants, trades } from "../schema.ts";
import { type AreaRow, areaOf, termsOf } from "./areas.ts";
import { changeInterval, type IntervalKey, type IntervalRow, openInterval } from "./intervals.ts";
import { moveMoney } from "./movements.ts";
import { insertPositions } from "./positions.ts";

/** A step that is not the last: its part of the book. Money is booked once the clearing is complete. */
export async function projectStepVerified(projection: Projection<"stepVerified">): Promise<void> {
  const { tx, event } = projection;
  const area = await areaOf(tx, event.areaId);
  const interval = await openInterval(tx, area, event.intervalId);
  const { submission } = event;
  const book = submission ? await insertStep(projection, submission, interval) : { orders: 0 };
  await changeInterval(tx, event, {
    stage: "clearing",
    steps: interval.steps + 1,
    orders: interval.orders + book.orders,
  });
}

/**
 * The last step: fills, trades, positions and reserves of the whole book, by the functions that the operator cleared
 * with; the contract verified their result.
 */
export async function projectIntervalCleared(projection: Projection<"intervalCleared">): Promise<void> {
  const { tx, event } = projection;
  const { submission, clearedWh, pricing, timestamp: clearedAt } = event;
  const area = await areaOf(tx, event.areaId);
  const interval = await openInterval(tx, area, event.intervalId);
  const isSettled = clearedWh === 0n;
  const supplierReserve = supplierReserveOf(area, event);
  await changeInterval(tx, event, {
    stage: isSettled ? "settled" : "cleared",
    steps: interval.steps + 1,
    pricing,
    clearedWh,
    clearedAt,
    settledAt: isSettled ? clearedAt : null,
    localPriceMicroPerKwh: isSettled ? null : BigInt(event.localPriceMicroPerKwh),
    clearingPriceMicroPerKwh:
      isSettled || pricing === "midpoint" ? null : BigInt(event.localPriceMicroPerKwh),
    supplierReserveMicro: supplierReserve,
  });
  if (submission) {
    const step = await insertStep(projection, submission, interval);
    await changeInterval(tx, event, { orders: interval.orders + step.orders });
    await clearWholeBook(projection, area, pricing);
  }
  await moveMoney(tx, event, [
    { account: area.supplier, kind: "reserved", margin: -supplierReserve, escrow: supplierReserve },
  ]);
}

function supplierReserveOf(area: AreaRow, event: ChainEvent<"intervalCleared">): bigint {
  const prices = settlementPrices(termsOf(area), BigInt(event.localPriceMicroPerKwh));
  return supplierReserveMicro(event.clearedWh, prices);
}

/** Writes the orders that a transaction brought. */
async function insertStep(
  { tx, event, deployment }: Projection<"stepVerified" | "intervalCleared">,
  { bids, offers, outcome, isLast }: ClearingSubmission,
  { steps: step }: IntervalRow,
): Promise<{ orders: number }> {
  const { areaId, intervalId, transactionHash, timestamp: submittedAt } = event;
  const separator = poolSeparator(deployment.chainId, deployment.poolMarket);
  const context: OrderContext = { separator, areaId, intervalId };
  const before = await countBefore(tx, event);
  const signers = await signersOf(tx, [...bids, ...offers]);
  const row = (order: SignedOrder, place: number) => ({
    orderId: toHex(orderDigest(order, context)),
    areaId,
    intervalId,
    step,
    side: order.side,
    place,
    account: order.participant,
    limitPriceMicroPerKwh: order.limitPriceMicroPerKwh,
    energyWh: order.energyWh,
    sequence: order.sequence,
    signature: toHex(order.signature),
    signer: signers.get(order.participant) ?? null,
    submittedAt,
  });
  await tx.insert(clearingSteps).values({
    areaId,
    intervalId,
    step,
    transactionHash,
    outcome: toJson(outcome),
    bids: bids.length,
    offers: offers.length,
    isLast,
  });
  await insertAll(tx, orders, [
    ...bids.map((order, i) => row(order, before.bids + i)),
    ...offers.map((order, i) => row(order, before.offers + i)),
  ]);
  return { orders: bids.length + offers.length };
}

async function countBefore(tx: Queryable, key: IntervalKey): Promise<StepCut> {
  const cuts = await cutsOf(tx, key);
  return cuts.at(-1) ?? { bids: 0, offers: 0 };
}

/** How many bids and offers are in after each step. */
async function cutsOf(tx: Queryable, { areaId, intervalId }: IntervalKey): Promise<StepCut[]> {
  const steps = await tx
    .select()
    .from(clearingSteps)
    .where(and(eq(clearingSteps.areaId, areaId), eq(clearingSteps.intervalId, intervalId)))
    .orderBy(asc(clearingSteps.step));
  const cuts: StepCut[] = [];
  for (const { bids, offers } of steps) {
    const last = cuts.at(-1) ?? { bids: 0, offers: 0 };
    cuts.push({ bids: last.bids + bids, offers: last.offers + offers });
  }
  return cuts;
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

async function clearWholeBook(
  { tx, event }: Projection<"intervalCleared">,
  area: AreaRow,
  pricing: Pricing,
): Promise<void> {
  const sides = await readBook(tx, event);
  const book = buildBook(
    [...sides.bids, ...sides.offers].map((row) => ({ ...row, participant: row.account })),
  );
  const clearing = clearBook(book, pricing);
  const paired = pairTrades(book, clearing);
  await fillOrders(tx, event, { sides, clearing, paired });
  await insertTrades(tx, event, { sides, paired });
  const steps = positionsOfSteps({ book, clearing, cuts: await cutsOf(tx, event) });
  await insertPositions(tx, { event, area, localPrice: event.localPriceMicroPerKwh, steps });
  await changeInterval(tx, event, {
    trades: paired.energyWh.length,
    welfareMicro: clearing.clearedWh > 0 ? welfareMicro(book, clearing) : 0n,
  });
}

type OrderRow = typeof orders.$inferSelect;
type Sides = { readonly bids: readonly OrderRow[]; readonly offers: readonly OrderRow[] };

/** The submitted book, in the merit order that the contract verified. */
async function readBook(tx: Queryable, { areaId, intervalId }: IntervalKey): Promise<Sides> {
  const rows = await tx
    .select()
    .from(orders)
    .where(and(eq(orders.areaId, areaId), eq(orders.intervalId, intervalId)))
    .orderBy(asc(orders.place));
  return {
    bids: rows.filter(({ side }) => side === "bid"),
    offers: rows.filter(({ side }) => side === "offer"),
  };
}

type Cleared = { readonly sides: Sides; readonly paired: PairedTrades };

/** Writes the book anew with its fills: one insertion is much faster than an update for each order. */
async function fillOrders(
  tx: Queryable,
  { areaId, intervalId }: IntervalKey,
  { sides, clearing, paired }: Cleared & { clearing: Clearing },
): Promise<void> {
  const payments = { bids: sides.bids.map(() => 0n), offers: sides.offers.map(() => 0n) };
  paired.energyWh.forEach((energyWh, i) => {
    const exact = BigInt(energyWh) * BigInt(paired.priceMicroPerKwh[i] as number);
    const [bid, offer] = [paired.bid[i] as number, paired.offer[i] as number];
    payments.bids[bid] = (payments.bids[bid] as bigint) + exact;
    payments.offers[offer] = (payments.offers[offer] as bigint) - exact;
  });
  const filled = (side: "bids" | "offers", fillWh: Uint32Array) =>
    sides[side].map((row, i) => ({
      ...row,
      fillWh: fillWh[i] as number,
      exactPayment: payments[side][i] as bigint,
    }));
  await tx.delete(orders).where(and(eq(orders.areaId, areaId), eq(orders.intervalId, intervalId)));
  await insertAll(tx, orders, [
    ...filled("bids", clearing.bidFillWh),
    ...filled("offers", clearing.offerFillWh),
  ]);
}

async function insertTrades(
  tx: Queryable,
  { areaId, intervalId }: IntervalKey,
  { sides, paired }: Cleared,
): Promise<void> {
  const rows = Array.from(paired.energyWh, (energyWh, i) => {
    const bid = sides.bids[paired.bid[i] as number] as OrderRow;
    const offer = sides.offers[paired.offer[i] as number] as OrderRow;
    return {
      areaId,
      intervalId,
      number: i + 1,
      bidOrderId: bid.orderId,
      offerOrderId: offer.orderId,
      buyer: bid.account,
      seller: offer.account,
      energyWh,
      priceMicroPerKwh: paired.priceMicroPerKwh[i] as number,
    };
  });
  await insertAll(tx, trades, rows);
}
