import type { PoolEvent } from "#domains/pool/events.ts";
import { pagesOf, sumOf } from "#domains/pool/rules/pageSettlement.ts";
import { findReturnTimeFault } from "#domains/pool/rules/settlementTiming.ts";
import { present } from "#kernel/units/assert.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount } from "#platform/audit/replay.ts";
import { beginsAt } from "./auditClearing.ts";
import { requireAllPages, requireOpen, requireReleased, takePage } from "./auditPage.ts";
import {
  attemptKey,
  bySeat,
  intervalKey,
  type OpenInterval,
  type PoolState,
  type UnfinishedClearing,
} from "./poolState.ts";

/**
 * A clearing under way is given up: by the area's operator, or once delivery began by anybody. The supplier has its reserve
 * back at once, the members page by page.
 */
export function abandonClearing(state: PoolState, event: PoolEvent<"clearingAbandoned">): void {
  const key = intervalKey(event);
  const clearing = requireUnderWay(state, event);
  requireRight(state, event, clearing);
  const { parties, supplierReserveMicro, positions, attempt } = clearing;
  requireReleased(state, event, supplierReserveMicro);
  state.money.pay(bySeat(event.areaId, [[parties.supplier, supplierReserveMicro]]));
  state.unfinished.delete(key);
  state.attempts.set(key, { count: attempt + 1, beginsAt: beginsAt(clearing) });
  const openPages = new Set(pagesOf(positions));
  if (openPages.size > 0) state.abandoned.set(attemptKey(event), { ...clearing, openPages });
  addCount(state.counts, "pool.abandoned");
}

function requireUnderWay(
  { unfinished }: PoolState,
  event: PoolEvent<"clearingAbandoned">,
): UnfinishedClearing {
  const clearing = unfinished.get(intervalKey(event));
  if (clearing?.attempt === event.attempt) return clearing;
  return refuseInterval(event, "stage", `attempt ${event.attempt} is given up, which is not under way`);
}

function requireRight(
  { areas }: PoolState,
  event: PoolEvent<"clearingAbandoned">,
  clearing: UnfinishedClearing,
): void {
  const { areaId, sender, timestamp } = event;
  if (timestamp >= beginsAt(clearing) || sender === areas.areaOf(areaId)?.operator) return;
  const finding = `the clearing was given up before delivery began by ${sender}, who does not operate the area`;
  refuseInterval(event, "operator", finding);
}

/** A page is given back of a clearing that was given up, or of an interval for which no readings came in time. */
export function returnPage(state: PoolState, event: PoolEvent<"pageReturned">): void {
  const abandoned = state.abandoned.get(attemptKey(event));
  const interval = abandoned ? null : requireReturnable(state, event);
  const { reserves } = takePage(event, abandoned ?? present(interval, "what is given back"));
  // With the last page of a whole clearing the supplier gets back its reserve.
  const supplierMicro = interval?.openPages.size === 0 ? interval.supplierReserveMicro : 0n;
  requireReleased(state, event, sumOf(reserves) + supplierMicro);
  state.money.pay(bySeat(event.areaId, reserves));
  if (interval === null) return;
  interval.isReturned = true;
  state.money.pay(bySeat(event.areaId, [[interval.parties.supplier, supplierMicro]]));
}

/** Nothing of it was paid, and its readings are not waited for any more. */
function requireReturnable(state: PoolState, event: PoolEvent<"pageReturned">): OpenInterval {
  const { areaId, page, attempt } = event;
  const interval = requireOpen(state, event);
  if (attempt !== interval.attempt)
    refuseInterval(event, "attempt", `attempt ${attempt} has nothing left to give back`, { page });
  const early = findReturnTimeFault({
    ...event,
    area: present(state.areas.areaOf(areaId), "the area of an interval that was cleared"),
    isAbandoned: false,
    isPublished: state.readings.isPublished(event),
  });
  // What began to be given back goes on, whatever is published since.
  if (early && !interval.isReturned) refuseInterval(event, early.rule, early.finding, { page });
  if (interval.isPaid)
    refuseInterval(event, "stage", "a page is given back after another was paid", { page });
  return interval;
}

/** All that was reserved for an interval, or for an attempt to clear it, has been given back. */
export function closeReturned(state: PoolState, event: PoolEvent<"intervalReturned">): void {
  const key = attemptKey(event);
  const abandoned = state.abandoned.get(key);
  requireAllPages(event, (abandoned ?? requireOpen(state, event)).openPages);
  addCount(state.counts, "pool.returned");
  if (state.abandoned.delete(key)) return;
  state.intervals.delete(intervalKey(event));
  state.readings.close(event);
}
