import { and, asc, eq } from "drizzle-orm";
import type { PoolEvent } from "#domains/pool/events.ts";
import { settlementPrices, supplierReserveMicro } from "#domains/pool/rules/area.ts";
import { positionsOfSteps, type StepCut } from "#domains/pool/rules/clearingPlan.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import { clearingSteps, orders, trades } from "#domains/pool/tables.ts";
import { welfareMicro } from "#kernel/auction/payments.ts";
import { toJson } from "#platform/store/factsJson.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { type AreaRow, areaOf, termsOf } from "./areas.ts";
import { changeInterval, type IntervalKey, type IntervalRow, openInterval } from "./intervals.ts";
import { movePoolMoney } from "./movePoolMoney.ts";
import { clearSubmitted, type OrderRow, orderRows, type SubmittedBook, takeSubmitted } from "./orderRows.ts";
import type { PoolProjection } from "./poolProjection.ts";
import { insertPositions } from "./positions.ts";
import { archivedRows, writeBook } from "./wholeBook.ts";

/** A step that is not the last: its orders. Money is booked once the clearing is complete. */
export async function projectStepVerified(projection: PoolProjection<"stepVerified">): Promise<void> {
  const { tx, event } = projection;
  const area = await areaOf(tx, event.areaId);
  const interval = await openInterval(tx, area, event.intervalId);
  const { submission } = event;
  const rows = submission ? await stepRows(projection, submission, interval) : [];
  await insertAll(tx, orders, rows);
  await changeInterval(tx, event, {
    stage: "clearing",
    steps: interval.steps + 1,
    orders: interval.orders + rows.length,
  });
}

/**
 * The last step: fills, trades, positions and reserves of the submitted orders, by the functions that the operator cleared
 * with; the contract verified their result. The orders that were not submitted come from the desk's archive.
 */
export async function projectIntervalCleared(projection: PoolProjection<"intervalCleared">): Promise<void> {
  const { tx, event } = projection;
  const { submission, clearedWh, pricing, timestamp: clearedAt } = event;
  const area = await areaOf(tx, event.areaId);
  const interval = await openInterval(tx, area, event.intervalId);
  const isUntraded = clearedWh === 0n;
  const supplierReserve = supplierReserveOf(area, event);
  await changeInterval(tx, event, {
    stage: isUntraded ? "untraded" : "cleared",
    steps: interval.steps + 1,
    pricing,
    clearedWh,
    bookRoot: event.bookRoot,
    isBookComplete: false,
    clearedAt,
    settledAt: isUntraded ? clearedAt : null,
    localPriceMicroPerKwh: isUntraded ? null : BigInt(event.localPriceMicroPerKwh),
    clearingPriceMicroPerKwh:
      isUntraded || pricing === "midpoint" ? null : BigInt(event.localPriceMicroPerKwh),
    supplierReserveMicro: supplierReserve,
  });
  if (submission) await recordClearing(projection, area, await stepRows(projection, submission, interval));
  await movePoolMoney(projection, [
    { account: area.supplier, kind: "reserved", margin: -supplierReserve, escrow: supplierReserve },
  ]);
}

function supplierReserveOf(area: AreaRow, event: PoolEvent<"intervalCleared">): bigint {
  const prices = settlementPrices(termsOf(area), BigInt(event.localPriceMicroPerKwh));
  return supplierReserveMicro(event.clearedWh, prices);
}

/** Writes the step down, and gives the rows of the orders that its transaction brought. */
async function stepRows(
  { tx, event, deployment }: PoolProjection<"stepVerified" | "intervalCleared">,
  { bids, offers, outcome, isLast }: ClearingSubmission,
  { steps: step }: IntervalRow,
): Promise<OrderRow[]> {
  const { areaId, intervalId, transactionHash, timestamp: submittedAt } = event;
  const before = await countBefore(tx, event);
  const rows = await orderRows({ tx, deployment, event, orders: [...bids, ...offers] });
  const placed = rows.map((row, i) => {
    const place = i < bids.length ? before.bids + i : before.offers + i - bids.length;
    return { ...row, step, place, submittedAt };
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
  return placed;
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

/** What the submitted orders come to, and the whole book as far as it is known. */
async function recordClearing(
  projection: PoolProjection<"intervalCleared">,
  area: AreaRow,
  lastRows: readonly OrderRow[],
): Promise<void> {
  const { tx, event } = projection;
  const earlier = await takeSubmitted(tx, event);
  const cleared = clearSubmitted([...earlier, ...lastRows], event.pricing);
  const { bids, offers, book, clearing, paired } = cleared;
  const submitted = [...bids, ...offers];
  const archived = await archivedRows(projection, submitted);
  await writeBook(tx, archived);
  await insertTrades(tx, event, cleared);
  const steps = positionsOfSteps({ book, clearing, cuts: await cutsOf(tx, event) });
  await insertPositions(projection, { area, localPrice: event.localPriceMicroPerKwh, steps });
  await changeInterval(tx, event, {
    orders: submitted.length + archived.unsubmitted.length,
    isBookComplete: archived.isComplete,
    trades: paired.quantity.length,
    welfareMicro: clearing.clearedQuantity > 0 ? welfareMicro(book, clearing) : 0n,
  });
}

async function insertTrades(
  tx: Queryable,
  { areaId, intervalId }: IntervalKey,
  { bids, offers, paired }: SubmittedBook,
): Promise<void> {
  const rows = Array.from(paired.quantity, (energyWh, i) => {
    const bid = bids[paired.bid[i] as number] as OrderRow;
    const offer = offers[paired.offer[i] as number] as OrderRow;
    return {
      areaId,
      intervalId,
      number: i + 1,
      bidOrderId: bid.orderId,
      offerOrderId: offer.orderId,
      buyer: bid.account,
      seller: offer.account,
      energyWh,
      priceMicroPerKwh: paired.priceMicroPerThousand[i] as number,
    };
  });
  await insertAll(tx, trades, rows);
}
