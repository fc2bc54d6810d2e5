import type { MoneyReplay } from "#domains/accounts/audit/auditMoney.ts";
import type { ReadingsReplay } from "#domains/metering/audit/auditReadings.ts";
import { pageOf } from "#domains/metering/rules/readingTree.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { mergePositions } from "#domains/pool/rules/clearingPlan.ts";
import {
  billPage,
  findPositionFault,
  meteredAsContracted,
  positionsOfPage,
  type StepPositions,
  sumOf,
} from "#domains/pool/rules/pageSettlement.ts";
import { type AccountPosition, openPositionWord } from "#domains/pool/rules/positionWord.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import { findBillFault, findClosingFault, findReleaseFault } from "#domains/pool/rules/settlementFault.ts";
import { findReturnTimeFault, findSettlementTimeFault } from "#domains/pool/rules/settlementTiming.ts";
import { settlementPrices } from "#market/area.ts";
import { midpoint } from "#market/clearing.ts";
import type { MeteredEnergy } from "#market/settlement.ts";
import type { AuditCounts } from "#platform/audit/auditCounts.ts";
import { type AuditedArea, type AuditedInterval, intervalKey, refuseInterval } from "./auditArea.ts";
import type { UnfinishedClearing } from "./auditClearing.ts";

/** An interval between its clearing and the last of its pages. Money in micro. */
type OpenInterval = AuditedInterval & {
  readonly openPages: Set<number>;
  isPaid: boolean;
  isVoided: boolean;
  escrowMicro: bigint;
  supplierMicro: bigint;
};

/** Settlements of cleared intervals, page by page, and the money given back where no settlement came (R7.19, R2.51). */
export type SettlementReplay = {
  open(event: PoolEvent<"intervalCleared">, interval: AuditedInterval): void;
  isKnown(key: string): boolean;
  /** Accounts with a position in the interval that is not settled nor given back; none when there is no such interval. */
  positionedIn(key: string): ReadonlySet<number>;
  settlePage(event: PoolEvent<"pageSettled">): void;
  close(event: PoolEvent<"intervalSettled">): void;
  voidPage(event: PoolEvent<"pageVoided">, unfinished: UnfinishedClearing | undefined): void;
  closeVoided(event: PoolEvent<"intervalVoided">): void;
  openIntervals(): number;
};

/** Replays the settlements of the pool market. */
export function replaySettlements({
  money,
  readings,
  counts,
}: {
  money: MoneyReplay;
  readings: ReadingsReplay;
  counts: AuditCounts;
}): SettlementReplay {
  const intervals = new Map<string, OpenInterval>();
  const givenUp = new Map<string, { escrowMicro: bigint }>();
  const done = new Set<string>();

  const require = (event: PageEvent | ClosingEvent): OpenInterval =>
    intervals.get(intervalKey(event)) ??
    refuseInterval(event, "stage", "the interval has nothing left to settle");

  /** Takes the page out of escrow for good, and gives its positions, one list a step. */
  const takePage = (event: PageEvent, interval: OpenInterval) => {
    const { page } = event;
    if (!interval.openPages.delete(page))
      refuseInterval(event, "pageTwice", `page ${page} has nothing left in escrow`, { page });
    const ofPage = positionsOfPage(interval.positions, page);
    comparePositions(event, ofPage);
    return { ofPage, merged: mergePositions(ofPage), reserves: reservesOf(ofPage, interval.prices) };
  };

  const release = (event: PageEvent | ClosingEvent, escrow: { escrowMicro: bigint }, dueMicro: bigint) => {
    const releasedMicro = money.takeReleased(event);
    const finding = findReleaseFault(releasedMicro ?? 0n, dueMicro);
    if (finding !== null) refuseInterval(event, "released", finding);
    escrow.escrowMicro -= dueMicro;
  };

  const meteredOn = (
    event: PoolEvent<"pageSettled">,
    merged: ReadonlyMap<number, AccountPosition>,
  ): ReadonlyMap<number, MeteredEnergy> => {
    const submission =
      event.submission ??
      refuseInterval(
        event,
        "hiddenSubmission",
        "the settlement was not brought to the market directly, so its readings cannot be read from the transaction",
      );
    return submission.readings === null
      ? meteredAsContracted(merged)
      : readings.openPage(event, submission.readings, new Set(merged.keys()));
  };

  /**
   * A clearing that was not finished before delivery was over. Its book is not whole, so its positions cannot be
   * recomputed, and no margin was taken in the replay: what comes back must be, in sum, what its steps held.
   */
  const voidUnfinished = (event: PoolEvent<"pageVoided">, unfinished: UnfinishedClearing) => {
    const { area, outcome, heldMicro } = unfinished;
    requireReturnTime(event, { area, isCleared: false });
    const key = intervalKey(event);
    const leftover = givenUp.get(key) ?? { escrowMicro: heldMicro.reduce((sum, micro) => sum + micro, 0n) };
    const brought =
      event.submission?.positions ??
      refuseInterval(
        event,
        "hiddenSubmission",
        "the positions given back cannot be read from the transaction",
      );
    const isTraded = outcome.bids.filledWh > 0;
    const price = isTraded ? midpoint(outcome.marginalBid, outcome.marginalOffer) : 0;
    const prices = settlementPrices(area.terms, BigInt(price));
    const positions = brought.map((words) => words.map(openPositionWord));
    release(event, leftover, sumOf(reservesOf(positions, prices)));
    givenUp.set(key, leftover);
  };

  return {
    open(event, interval) {
      const openPages = new Set(interval.positions.flat().map(({ account }) => pageOf(account)));
      const key = intervalKey(event);
      if (openPages.size === 0) {
        counts.settlements += 1;
        done.add(key);
        return;
      }
      const reservedMicro = sumOf(reservesOf(interval.positions, interval.prices));
      const escrowMicro = reservedMicro + interval.supplierReserveMicro;
      const supplierMicro = interval.supplierReserveMicro;
      intervals.set(key, {
        ...interval,
        openPages,
        isPaid: false,
        isVoided: false,
        escrowMicro,
        supplierMicro,
      });
    },
    positionedIn: (key) =>
      new Set((intervals.get(key)?.positions ?? []).flat().map(({ account }) => account)),
    isKnown: (key) => intervals.has(key) || done.has(key),
    settlePage(event) {
      const interval = require(event);
      const { page, submission } = event;
      const { terms, accounts } = interval.area;
      const early = findSettlementTimeFault({
        ...event,
        terms,
        isContracted: submission !== null && submission.readings === null,
        isAnotherPaid: interval.isPaid,
      });
      if (early) refuseInterval(event, early.rule, early.finding, { page });
      if (interval.isVoided)
        refuseInterval(event, "stage", "a page is settled after another was given back", { page });
      const { merged, reserves } = takePage(event, interval);
      const metered = meteredOn(event, merged);
      const bill = billPage({ merged, reserves, metered, prices: interval.prices });
      const fault = findBillFault(bill, event);
      if (fault) refuseInterval(event, fault.rule, fault.finding, fault.subject);
      release(event, interval, bill.releasedMicro);
      money.pay(bill.postings);
      money.pay(new Map([[accounts.dso, bill.gridFeeMicro]]));
      interval.isPaid = true;
      interval.supplierMicro += bill.supplierMicro;
      counts.payments += merged.size;
    },
    close(event) {
      const interval = require(event);
      const { supplier, fund } = interval.area.accounts;
      requireAllPages(event, interval);
      const remainderMicro = interval.escrowMicro - interval.supplierMicro;
      const fault = findClosingFault({
        recorded: event,
        computed: { supplierMicro: interval.supplierMicro, remainderMicro },
        participants: mergePositions(interval.positions).size,
      });
      if (fault) refuseInterval(event, fault.rule, fault.finding);
      release(event, interval, interval.escrowMicro);
      money.pay(new Map([[supplier, interval.supplierMicro]]));
      money.pay(new Map([[fund, remainderMicro]]));
      intervals.delete(intervalKey(event));
      done.add(intervalKey(event));
      readings.close(event.areaId, event.intervalId);
      counts.settlements += 1;
    },
    voidPage(event, unfinished) {
      if (unfinished) return voidUnfinished(event, unfinished);
      const interval = require(event);
      requireReturnTime(event, { area: interval.area, isCleared: true });
      if (interval.isPaid) refuseInterval(event, "stage", "a page is given back after another was paid");
      const { reserves } = takePage(event, interval);
      interval.isVoided = true;
      // With the last page the supplier gets back its reserve.
      const supplierMicro = interval.openPages.size === 0 ? interval.supplierReserveMicro : 0n;
      release(event, interval, sumOf(reserves) + supplierMicro);
      money.pay(reserves);
      money.pay(new Map([[interval.area.accounts.supplier, supplierMicro]]));
    },
    closeVoided(event) {
      const key = intervalKey(event);
      const leftover = givenUp.get(key);
      if (!leftover) requireAllPages(event, require(event));
      const { escrowMicro } = leftover ?? require(event);
      if (escrowMicro !== 0n)
        refuseInterval(event, "released", `${escrowMicro} micro stay in escrow when all is given back`);
      givenUp.delete(key);
      intervals.delete(key);
      done.add(key);
      readings.close(event.areaId, event.intervalId);
      counts.voided += 1;
    },
    openIntervals: () => intervals.size,
  };
}

type PageEvent = PoolEvent<"pageSettled" | "pageVoided">;
type ClosingEvent = PoolEvent<"intervalSettled" | "intervalVoided">;

/** The positions that the transaction brought must be those of the clearing. */
function comparePositions(event: PageEvent, steps: StepPositions): void {
  if (event.submission === null) return;
  const fault = findPositionFault(event.submission.positions, steps);
  if (fault === null) return;
  const { page } = event;
  const subject = fault.account === undefined ? {} : { page, account: fault.account };
  refuseInterval(event, "positions", fault.finding, subject);
}

function requireAllPages(event: ClosingEvent, { openPages }: OpenInterval): void {
  if (openPages.size > 0)
    refuseInterval(
      event,
      "stage",
      `the interval is closed while page ${[...openPages].join(", ")} is in escrow`,
    );
}

function requireReturnTime(
  event: PoolEvent<"pageVoided">,
  { area, isCleared }: { readonly area: AuditedArea; readonly isCleared: boolean },
): void {
  const early = findReturnTimeFault({ ...event, terms: area.terms, isCleared });
  if (early) refuseInterval(event, early.rule, early.finding, { page: event.page });
}
