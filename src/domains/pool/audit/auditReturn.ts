import type { PoolEvent } from "#domains/pool/events.ts";
import { settlementPrices } from "#domains/pool/rules/area.ts";
import { declaredLocalPrice } from "#domains/pool/rules/localPrice.ts";
import { sumOf } from "#domains/pool/rules/pageSettlement.ts";
import { openPositionWord } from "#domains/pool/rules/positionWord.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import { findReturnTimeFault } from "#domains/pool/rules/settlementTiming.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount } from "#platform/audit/replay.ts";
import { release, requireAllPages, requireOpen, takePage } from "./auditPage.ts";
import {
  type AuditedArea,
  intervalKey,
  markDone,
  type PoolState,
  type UnfinishedClearing,
} from "./poolState.ts";

/** A page is given back where no settlement came in time, or where the clearing was not finished. */
export function voidPage(state: PoolState, event: PoolEvent<"pageVoided">): void {
  const unfinished = state.unfinished.get(intervalKey(event));
  if (unfinished) voidUnfinished(state, event, unfinished);
  else voidCleared(state, event);
}

function voidCleared(state: PoolState, event: PoolEvent<"pageVoided">): void {
  const interval = requireOpen(state, event);
  requireReturnTime(event, interval.area, { isCleared: true });
  if (interval.isPaid) refuseInterval(event, "stage", "a page is given back after another was paid");
  const { reserves } = takePage(event, interval);
  interval.isVoided = true;
  // With the last page the supplier gets back its reserve.
  const supplierMicro = interval.openPages.size === 0 ? interval.supplierReserveMicro : 0n;
  release(state, event, interval, sumOf(reserves) + supplierMicro);
  state.money.pay(reserves);
  state.money.pay(new Map([[interval.area.accounts.supplier, supplierMicro]]));
}

/**
 * A clearing that was not finished before delivery was over. Its book is not whole, so its positions cannot be
 * recomputed, and no margin was taken in the replay: what comes back must be, in sum, what its steps held.
 */
function voidUnfinished(
  state: PoolState,
  event: PoolEvent<"pageVoided">,
  { area, outcome, heldMicro }: UnfinishedClearing,
): void {
  requireReturnTime(event, area, { isCleared: false });
  const key = intervalKey(event);
  const leftover = state.givenUp.get(key) ?? { escrowMicro: heldMicro.reduce((a, b) => a + b, 0n) };
  const brought =
    event.submission?.positions ??
    refuseInterval(event, "hiddenSubmission", "the positions given back cannot be read from the transaction");
  const prices = settlementPrices(area.terms, BigInt(declaredLocalPrice(outcome)));
  const positions = brought.map((words) => words.map(openPositionWord));
  release(state, event, leftover, sumOf(reservesOf(positions, prices)));
  state.givenUp.set(key, leftover);
}

function requireReturnTime(
  event: PoolEvent<"pageVoided">,
  { terms }: AuditedArea,
  { isCleared }: { readonly isCleared: boolean },
): void {
  const early = findReturnTimeFault({ ...event, terms, isCleared });
  if (early) refuseInterval(event, early.rule, early.finding, { page: event.page });
}

/** All that was reserved for an interval has been given back. */
export function closeVoided(state: PoolState, event: PoolEvent<"intervalVoided">): void {
  const key = intervalKey(event);
  const leftover = state.givenUp.get(key);
  if (!leftover) requireAllPages(event, requireOpen(state, event));
  const { escrowMicro } = leftover ?? requireOpen(state, event);
  if (escrowMicro !== 0n)
    refuseInterval(event, "released", `${escrowMicro} micro stay in escrow when all is given back`);
  state.givenUp.delete(key);
  state.intervals.delete(key);
  state.unfinished.delete(key);
  markDone(state, event);
  state.readings.close(event);
  addCount(state.counts, "pool.voided");
}
