import { accountsOfMembers } from "#domains/accounts/queries/seats.ts";
import { writeGridFee } from "#domains/billing/projections/gridFees.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { supplierReserveMicro } from "#domains/pool/rules/area.ts";
import { positionsOfSteps, type StepCut } from "#domains/pool/rules/clearingPlan.ts";
import { GRID_FEE } from "#domains/pool/rules/poolCharges.ts";
import { positionsSoFar } from "#domains/pool/rules/unfinishedClearing.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import { orders, trades } from "#domains/pool/tables.ts";
import { welfareMicro } from "#kernel/auction/payments.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { addRows } from "#platform/store/workingSet.ts";
import { changeInterval, type IntervalChange, type IntervalRow, openInterval } from "./intervals.ts";
import { type MemberMovement, movePoolMoney } from "./movePoolMoney.ts";
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
import { stepRows } from "./steps.ts";
import { type AreaRow, areaOf, pricesOf } from "./terms.ts";
import { archivedRows, writeBook } from "./wholeBook.ts";

type StepProjection = PoolProjection<"stepVerified" | "intervalCleared">;

/** A step as it begins: its area and members' accounts, and its interval before it and, in part, after. */
type Step = {
  readonly area: AreaRow;
  readonly accounts: ReadonlyMap<number, number>;
  readonly before: IntervalRow;
  readonly interval: IntervalRow;
};

/** What a step changes of its interval, and of the members' money. */
type Outcome = { readonly change: IntervalChange; readonly movements: readonly MemberMovement[] };

const NOTHING: Outcome = { change: {}, movements: [] };

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
  const { submission } = projection.event;
  const step = await beginStep(projection, submission && BigInt(submission.outcome.clearedWh));
  const outcome = submission ? await recordStep(projection, step, submission) : NOTHING;
  await endStep(projection, step, outcome);
}

/** The last step: what the clearing came to, as far as its orders are known. */
export async function projectIntervalCleared(projection: PoolProjection<"intervalCleared">): Promise<void> {
  const { submission, clearedWh, timestamp: clearedAt, ...event } = projection.event;
  const step = await beginStep(projection, clearedWh);
  const { pricing } = step.area.terms;
  const isUntraded = clearedWh === 0n;
  const localPrice = BigInt(event.localPriceMicroPerKwh);
  const recorded = {
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
  } as const;
  const { change, movements } = submission ? await recordClearing(projection, step, submission) : NOTHING;
  await endStep(projection, step, { change: { ...recorded, ...change }, movements });
  if (isUntraded) await writeGridFee(projection.tx, step.interval, { kind: GRID_FEE, amountMicro: 0n });
}

/**
 * With the first step, what was known of an attempt before is gone, the area's parties of now are those of the clearing, and
 * the supplier reserves what the surpluses can cost it, as soon as the traded energy is known.
 */
async function beginStep({ tx, event }: StepProjection, clearedWh: bigint | null): Promise<Step> {
  const area = await areaOf(tx, event);
  const accounts = await accountsOfMembers(tx, event.areaId);
  const before = await openInterval(tx, area, event.intervalId);
  const isFirst = before.steps === 0;
  if (isFirst && before.attempt > 0) await dropOrders(tx, event);
  const { supplier, dso, fund, terms } = area;
  const isSupplied = clearedWh === 0n ? null : (before.isSupplied ?? true);
  // The price at which the supplier takes surpluses does not depend on the local one.
  const prices = pricesOf(area, { localPriceMicroPerKwh: null, isSupplied });
  const interval: IntervalRow = {
    ...before,
    ...(isFirst ? { supplier, dso, fund } : {}),
    stage: "clearing",
    steps: before.steps + 1,
    termsVersion: terms.version,
    isSupplied,
    supplierReserveMicro:
      clearedWh === null ? before.supplierReserveMicro : supplierReserveMicro(clearedWh, prices),
  };
  return { area, accounts, before, interval };
}

/** Writes what a step made of its interval, and books what it reserved. */
async function endStep(
  projection: StepProjection,
  { area, before, interval }: Step,
  { change, movements }: Outcome,
): Promise<void> {
  const { areaId, intervalId, ...after } = interval;
  await changeInterval(projection.tx, { areaId, intervalId }, { ...after, ...change });
  const more = interval.supplierReserveMicro - before.supplierReserveMicro;
  const supply = {
    member: interval.supplier ?? area.supplier,
    kind: "reserved",
    margin: -more,
    escrow: more,
  } as const;
  await movePoolMoney(projection, [supply, ...movements]);
}

/** The orders of a step, and what the members have to reserve with it. */
async function recordStep(
  projection: PoolProjection<"stepVerified">,
  step: Step,
  submission: ClearingSubmission,
): Promise<Outcome> {
  const { tx, event } = projection;
  const { area, before, interval } = step;
  const { rows, cuts } = await stepRows(projection, { ...step, submission });
  addRows(tx, orders, event, rows);
  const change = { orders: before.orders + rows.length };
  if (!isAllKnown(interval, cuts)) return { change, movements: [] };
  const { outcome } = submission;
  const submitted = (before.steps === 0 ? rows : await listSubmitted(tx, event)).map(signedOrder);
  const { movements } = await holdPositions(tx, {
    held: interval,
    accounts: step.accounts,
    prices: pricesOf(area, { ...interval, localPriceMicroPerKwh: BigInt(outcome.localPrice) }),
    positions: positionsSoFar({
      bids: submitted.filter(({ side }) => side === "bid"),
      offers: submitted.filter(({ side }) => side === "offer"),
      outcome,
      pricing: area.terms.pricing,
    }),
  });
  return { change, movements };
}

/**
 * Fills, trades, positions and reserves of the submitted orders, by the functions that the operator cleared with; the contract
 * verified their result. The orders that were not submitted come from the desk's archive.
 */
async function recordClearing(
  projection: PoolProjection<"intervalCleared">,
  step: Step,
  submission: ClearingSubmission,
): Promise<Outcome> {
  const { tx, event } = projection;
  const { area, before, interval } = step;
  const { rows, cuts } = await stepRows(projection, { ...step, submission });
  if (!isAllKnown(interval, cuts)) return NOTHING;
  const earlier = before.steps === 0 ? [] : await listSubmitted(tx, event);
  if (before.steps > 0) await dropOrders(tx, event);
  const cleared = clearSubmitted([...earlier, ...rows], area.terms.pricing);
  const { bids, offers, book, clearing, paired } = cleared;
  const archived = await archivedRows(projection, step, [...bids, ...offers]);
  writeBook(tx, event, archived);
  addTrades(tx, event, cleared);
  const localPriceMicroPerKwh = BigInt(event.localPriceMicroPerKwh);
  const { movements } = await holdPositions(tx, {
    held: interval,
    accounts: step.accounts,
    prices: pricesOf(area, { ...interval, localPriceMicroPerKwh }),
    positions: positionsOfSteps({ book, clearing, cuts }).positions,
  });
  const change = {
    orders: bids.length + offers.length + archived.unsubmitted.length,
    isBookComplete: archived.isComplete,
    trades: paired.quantity.length,
    welfareMicro: clearing.clearedQuantity > 0 ? welfareMicro(book, clearing) : 0n,
  };
  return { change, movements };
}

/** Whether the transactions of all steps so far said which orders they brought. */
function isAllKnown({ steps }: IntervalRow, cuts: readonly StepCut[]): boolean {
  return cuts.length === steps;
}

function addTrades(
  tx: Queryable,
  { areaId, intervalId }: IntervalPlace,
  { bids, offers, paired }: SubmittedBook,
): void {
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
  addRows(tx, trades, { areaId, intervalId }, rows);
}
