import type { PoolEvent } from "#domains/pool/events.ts";
import { supplierReserveMicro } from "#domains/pool/rules/area.ts";
import { positionsOfSteps } from "#domains/pool/rules/clearingPlan.ts";
import { positionsSoFar } from "#domains/pool/rules/unfinishedClearing.ts";
import { orders, trades } from "#domains/pool/tables.ts";
import { welfareMicro } from "#kernel/auction/payments.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { changeInterval, type IntervalRow, openInterval } from "./intervals.ts";
import { movePoolMoney } from "./movePoolMoney.ts";
import {
  clearSubmitted,
  dropOrders,
  listSubmitted,
  type OrderRow,
  type SubmittedBook,
  signedOrder,
} from "./orderRows.ts";
import type { PoolProjection } from "./poolProjection.ts";
import { holdPositions } from "./positions.ts";
import { cutsOf, stepRows } from "./steps.ts";
import { type AreaRow, areaOf, pricesOf } from "./terms.ts";
import { archivedRows, writeBook } from "./wholeBook.ts";

/** A step of a clearing, complete with it or not, and what the interval was before it. */
type Step = PoolProjection<"stepVerified" | "intervalCleared">;

/** The supplier does not stand for the clearing that begins: said before its first step. */
export async function projectIntervalUnsupplied(
  tx: Queryable,
  event: PoolEvent<"intervalUnsupplied">,
): Promise<void> {
  const area = await areaOf(tx, event);
  await openInterval(tx, area, event.intervalId);
  await changeInterval(tx, event, { isSupplied: false });
}

/** A step that is not the last: its orders, and the money that it reserved. */
export async function projectStepVerified(projection: PoolProjection<"stepVerified">): Promise<void> {
  const { tx, event } = projection;
  const { submission } = event;
  const area = await areaOf(tx, event);
  const before = await openInterval(tx, area, event.intervalId);
  const declaredWh = submission && BigInt(submission.outcome.clearedWh);
  const interval = await beginStep(projection, { area, before, clearedWh: declaredWh });
  if (!submission) return;
  const rows = await stepRows(projection, { area, submission, step: before.steps });
  await insertAll(tx, orders, rows);
  await changeInterval(tx, event, { orders: before.orders + rows.length });
  if (!(await isAllKnown(tx, interval))) return;
  const submitted = (await listSubmitted(tx, event)).map(signedOrder);
  const { outcome } = submission;
  await holdPositions(projection, {
    held: interval,
    prices: pricesOf(area, { ...interval, localPriceMicroPerKwh: BigInt(outcome.localPrice) }),
    positions: positionsSoFar({
      bids: submitted.filter(({ side }) => side === "bid"),
      offers: submitted.filter(({ side }) => side === "offer"),
      outcome,
      pricing: area.terms.pricing,
    }),
  });
}

/**
 * The last step: fills, trades, positions and reserves of the submitted orders, by the functions that the operator cleared
 * with; the contract verified their result. The orders that were not submitted come from the desk's archive.
 */
export async function projectIntervalCleared(projection: PoolProjection<"intervalCleared">): Promise<void> {
  const { tx, event } = projection;
  const { submission, clearedWh, timestamp: clearedAt } = event;
  const area = await areaOf(tx, event);
  const { pricing } = area.terms;
  const before = await openInterval(tx, area, event.intervalId);
  const interval = await beginStep(projection, { area, before, clearedWh });
  const isUntraded = clearedWh === 0n;
  const localPrice = BigInt(event.localPriceMicroPerKwh);
  await changeInterval(tx, event, {
    stage: isUntraded ? "untraded" : "cleared",
    termsVersion: event.termsVersion,
    pricing,
    clearedWh,
    bookRoot: event.bookRoot,
    isBookComplete: false,
    clearedAt,
    settledAt: isUntraded ? clearedAt : null,
    localPriceMicroPerKwh: isUntraded ? null : localPrice,
    clearingPriceMicroPerKwh: isUntraded || pricing === "midpoint" ? null : localPrice,
  });
  if (!submission) return;
  const rows = await stepRows(projection, { area, submission, step: before.steps });
  if (await isAllKnown(tx, interval)) await recordClearing(projection, { area, interval, lastRows: rows });
}

/**
 * Takes down that a step came. With the first, what was known of an attempt before is gone, the area's parties of now are
 * those of the clearing, and the supplier reserves what the surpluses can cost it, as soon as the traded energy is known.
 */
async function beginStep(
  projection: Step,
  { area, before, clearedWh }: { area: AreaRow; before: IntervalRow; clearedWh: bigint | null },
): Promise<IntervalRow> {
  const { tx, event } = projection;
  if (before.steps === 0) await dropOrders(tx, event);
  const { supplier, dso, fund, terms } = area;
  const parties = before.steps === 0 ? { supplier, dso, fund } : {};
  const isSupplied = clearedWh === 0n ? null : (before.isSupplied ?? true);
  // The price at which the supplier takes surpluses does not depend on the local one.
  const prices = pricesOf(area, { localPriceMicroPerKwh: null, isSupplied });
  const reserve = clearedWh === null ? before.supplierReserveMicro : supplierReserveMicro(clearedWh, prices);
  const change = {
    stage: "clearing" as const,
    steps: before.steps + 1,
    termsVersion: terms.version,
    ...parties,
    isSupplied,
    supplierReserveMicro: reserve,
  };
  await changeInterval(tx, event, change);
  const interval = { ...before, ...change };
  const more = reserve - before.supplierReserveMicro;
  await movePoolMoney(projection, [
    { member: interval.supplier ?? supplier, kind: "reserved", margin: -more, escrow: more },
  ]);
  return interval;
}

/** Whether the transactions of all steps so far said which orders they brought. */
async function isAllKnown(tx: Queryable, interval: IntervalRow): Promise<boolean> {
  return (await cutsOf(tx, interval)).length === interval.steps;
}

/** What the submitted orders come to, and the whole book as far as it is known. */
async function recordClearing(
  projection: PoolProjection<"intervalCleared">,
  { area, interval, lastRows }: { area: AreaRow; interval: IntervalRow; lastRows: readonly OrderRow[] },
): Promise<void> {
  const { tx, event } = projection;
  const earlier = await listSubmitted(tx, event);
  await dropOrders(tx, event);
  const cleared = clearSubmitted([...earlier, ...lastRows], area.terms.pricing);
  const { bids, offers, book, clearing, paired } = cleared;
  const submitted = [...bids, ...offers];
  const archived = await archivedRows(projection, area, submitted);
  await writeBook(tx, archived);
  await insertTrades(tx, event, cleared);
  const localPriceMicroPerKwh = BigInt(event.localPriceMicroPerKwh);
  const { positions } = positionsOfSteps({ book, clearing, cuts: await cutsOf(tx, interval) });
  const prices = pricesOf(area, { ...interval, localPriceMicroPerKwh });
  await holdPositions(projection, { held: interval, prices, positions });
  await changeInterval(tx, event, {
    orders: submitted.length + archived.unsubmitted.length,
    isBookComplete: archived.isComplete,
    trades: paired.quantity.length,
    welfareMicro: clearing.clearedQuantity > 0 ? welfareMicro(book, clearing) : 0n,
  });
}

async function insertTrades(
  tx: Queryable,
  { areaId, intervalId }: IntervalPlace,
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
      buyerMember: bid.member,
      seller: offer.account,
      sellerMember: offer.member,
      energyWh,
      priceMicroPerKwh: paired.priceMicroPerThousand[i] as number,
    };
  });
  await insertAll(tx, trades, rows);
}
