import type { MeteredEnergy } from "#domains/metering/rules/meterReading.ts";
import { pageOf } from "#domains/metering/rules/readingTree.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { mergePositions } from "#domains/pool/rules/mergePositions.ts";
import { billPage, meteredAsContracted, sumOf } from "#domains/pool/rules/pageSettlement.ts";
import type { AccountPosition } from "#domains/pool/rules/positionWord.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import { findBillFault, findClosingFault } from "#domains/pool/rules/settlementFault.ts";
import { findSettlementTimeFault } from "#domains/pool/rules/settlementTiming.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount } from "#platform/audit/replay.ts";
import { release, requireAllPages, requireOpen, takePage } from "./auditPage.ts";
import {
  type ClearedInterval,
  intervalKey,
  markDone,
  type OpenInterval,
  type PoolState,
} from "./poolState.ts";

/** A cleared interval waits for the settlement of its pages; one without a trade is done. */
export function openInterval(
  state: PoolState,
  event: PoolEvent<"intervalCleared">,
  cleared: ClearedInterval,
): void {
  const openPages = new Set(cleared.positions.flat().map(({ account }) => pageOf(account)));
  if (openPages.size === 0) {
    addCount(state.counts, "pool.settlements");
    markDone(state, event);
    return;
  }
  const supplierMicro = cleared.supplierReserveMicro;
  const escrowMicro = sumOf(reservesOf(cleared.positions, cleared.prices)) + supplierMicro;
  const interval = { ...cleared, openPages, isPaid: false, isVoided: false, escrowMicro, supplierMicro };
  state.intervals.set(intervalKey(event), interval);
}

/** A page is paid once, in time, from its positions and the published readings (R7.19, R2.51). */
export function settlePage(state: PoolState, event: PoolEvent<"pageSettled">): void {
  const interval = requireOpen(state, event);
  requireSettleable(event, interval);
  const { merged, reserves } = takePage(event, interval);
  const metered = meteredOn(state, event, merged);
  const bill = billPage({ merged, reserves, metered, prices: interval.prices });
  const fault = findBillFault(bill, event);
  if (fault) refuseInterval(event, fault.rule, fault.finding, fault.subject);
  release(state, event, interval, bill.releasedMicro);
  state.money.pay(bill.postings);
  state.money.pay(new Map([[interval.area.accounts.dso, bill.gridFeeMicro]]));
  interval.isPaid = true;
  interval.supplierMicro += bill.supplierMicro;
  addCount(state.counts, "pool.payments", merged.size);
}

function requireSettleable(event: PoolEvent<"pageSettled">, interval: OpenInterval): void {
  const { page, submission } = event;
  const early = findSettlementTimeFault({
    ...event,
    terms: interval.area.terms,
    isContracted: submission !== null && submission.readings === null,
    isAnotherPaid: interval.isPaid,
  });
  if (early) refuseInterval(event, early.rule, early.finding, { page });
  if (interval.isVoided)
    refuseInterval(event, "stage", "a page is settled after another was given back", { page });
}

/** What the meters registered: what the settlement showed, or what was contracted where no readings came. */
function meteredOn(
  { readings }: PoolState,
  event: PoolEvent<"pageSettled">,
  merged: ReadonlyMap<number, AccountPosition>,
): ReadonlyMap<number, MeteredEnergy> {
  const submission =
    event.submission ??
    refuseInterval(
      event,
      "hiddenSubmission",
      "the settlement was not brought to the market directly, so its readings cannot be read from the transaction",
    );
  if (submission.readings === null) return meteredAsContracted(merged);
  return readings.openPage(event, submission.readings, new Set(merged.keys()));
}

/** With its last page the supplier gets what deviations leave it, and the fund what rounding leaves. */
export function closeInterval(state: PoolState, event: PoolEvent<"intervalSettled">): void {
  const interval = requireOpen(state, event);
  const { supplier, fund } = interval.area.accounts;
  requireAllPages(event, interval);
  const remainderMicro = interval.escrowMicro - interval.supplierMicro;
  const fault = findClosingFault({
    recorded: event,
    computed: { supplierMicro: interval.supplierMicro, remainderMicro },
    participants: mergePositions(interval.positions).size,
  });
  if (fault) refuseInterval(event, fault.rule, fault.finding);
  release(state, event, interval, interval.escrowMicro);
  state.money.pay(new Map([[supplier, interval.supplierMicro]]));
  state.money.pay(new Map([[fund, remainderMicro]]));
  state.intervals.delete(intervalKey(event));
  markDone(state, event);
  state.readings.close(event);
  addCount(state.counts, "pool.settlements");
}
