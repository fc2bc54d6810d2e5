import type { OpenedPage } from "#domains/metering/audit/auditOpening.ts";
import { memberBits } from "#domains/metering/rules/readingTree.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { billPage, pagesOf, sumOf } from "#domains/pool/rules/pageSettlement.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import { findBillFault, findClosingFault } from "#domains/pool/rules/settlementFault.ts";
import { findSettlementTimeFault } from "#domains/pool/rules/settlementTiming.ts";
import { present } from "#kernel/units/assert.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount } from "#platform/audit/replay.ts";
import { beginsAt } from "./auditClearing.ts";
import { sealPage } from "./auditCorrection.ts";
import { requireAllPages, requireOpen, requireReleased, type TakenPage, takePage } from "./auditPage.ts";
import { bySeat, type HeldClearing, intervalKey, type OpenInterval, type PoolState } from "./poolState.ts";

type Settled = PoolEvent<"pageSettled">;

/** A cleared interval waits for the settlement of its pages; one without a trade is done. */
export function openInterval(
  state: PoolState,
  event: PoolEvent<"intervalCleared">,
  cleared: HeldClearing,
): void {
  const openPages = new Set(pagesOf(cleared.positions));
  const key = intervalKey(event);
  if (openPages.size === 0) {
    addCount(state.counts, "pool.settlements");
    state.done.set(key, beginsAt(cleared));
    return;
  }
  const supplierMicro = cleared.supplierReserveMicro;
  const escrowMicro = sumOf(reservesOf(cleared.positions, cleared.prices)) + supplierMicro;
  const interval = { ...cleared, openPages, isPaid: false, isReturned: false, escrowMicro, supplierMicro };
  state.intervals.set(key, interval);
}

/**
 * A page is paid once, in time, from its positions and the published readings (R7.19, R2.51); with the last one all leaves
 * escrow that is left.
 */
export function settlePage(state: PoolState, event: Settled): void {
  const interval = requireOpen(state, event);
  const { areaId, page } = event;
  if (interval.isReturned)
    refuseInterval(event, "stage", "a page is settled after another was given back", { page });
  const taken = takePage(event, interval);
  const opened = openReadings(state, event, { interval, taken });
  const counted = opened.metered;
  sealPage(state, event, { interval, taken, opened });
  const bill = billPage({ ...taken, counted, prices: interval.prices });
  const fault = findBillFault(bill, event);
  if (fault) refuseInterval(event, fault.rule, fault.finding, fault.subject);
  interval.supplierMicro += bill.supplierMicro;
  interval.isPaid = true;
  interval.escrowMicro -= bill.releasedMicro;
  const closingMicro = interval.openPages.size === 0 ? interval.escrowMicro : 0n;
  requireReleased(state, event, bill.releasedMicro + closingMicro);
  state.money.pay(bySeat(areaId, bill.postings));
  state.money.pay(bySeat(areaId, [[interval.parties.dso, bill.gridFeeMicro]]));
  addCount(state.counts, "pool.payments", taken.positions.length);
}

/** What is counted of the members' readings: shown under the published root, and missing only where none was waited for. */
function openReadings(
  state: PoolState,
  event: Settled,
  { interval, taken }: { interval: OpenInterval; taken: TakenPage },
): OpenedPage {
  const { page, areaId, submission } = event;
  const shown =
    submission?.readings ??
    refuseInterval(
      event,
      "hiddenSubmission",
      "the settlement was not brought to the market directly, so its readings cannot be read from the transaction",
    );
  const members = new Set(taken.positions.map(({ member }) => member));
  const opened = state.readings.openPage(event, shown, members);
  const early = findSettlementTimeFault({
    ...event,
    area: present(state.areas.areaOf(areaId), "the area of an interval that was cleared"),
    missing: opened.missing.length,
    isWithheld: opened.isWithheld,
    isAnotherPaid: interval.isPaid,
  });
  if (early) refuseInterval(event, early.rule, early.finding, { page });
  if (event.missing !== memberBits(opened.missing)) {
    const named = opened.missing.length === 0 ? "none" : opened.missing.join(", ");
    const finding = `page ${page} is recorded with other members without a reading than there are: ${named}`;
    refuseInterval(event, "readingMissing", finding, { page });
  }
  return opened;
}

/** With its last page the supplier gets what deviations leave it, and the fund what rounding leaves. */
export function closeInterval(state: PoolState, event: PoolEvent<"intervalSettled">): void {
  const interval = requireOpen(state, event);
  const { supplier, fund } = interval.parties;
  requireAllPages(event, interval.openPages);
  const remainderMicro = interval.escrowMicro - interval.supplierMicro;
  const fault = findClosingFault({
    recorded: event,
    computed: { supplierMicro: interval.supplierMicro, remainderMicro },
    participants: interval.positions.length,
  });
  if (fault) refuseInterval(event, fault.rule, fault.finding);
  state.money.pay(bySeat(event.areaId, [[supplier, interval.supplierMicro]]));
  state.money.pay(bySeat(event.areaId, [[fund, remainderMicro]]));
  state.intervals.delete(intervalKey(event));
  state.readings.close(event);
  addCount(state.counts, "pool.settlements");
}
