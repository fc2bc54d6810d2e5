import type { PoolEvent } from "#domains/pool/events.ts";
import { mergePositions } from "#domains/pool/rules/mergePositions.ts";
import {
  findPositionFault,
  positionsOfPage,
  type StepPositions,
} from "#domains/pool/rules/pageSettlement.ts";
import type { AccountPosition } from "#domains/pool/rules/positionWord.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import { findReleaseFault } from "#domains/pool/rules/settlementFault.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { intervalKey, type OpenInterval, type PoolState } from "./poolState.ts";

export type PageEvent = PoolEvent<"pageSettled" | "pageVoided">;
export type ClosingEvent = PoolEvent<"intervalSettled" | "intervalVoided">;

/** A page that left escrow: its positions by account, and what was reserved for each, micro. */
export type TakenPage = {
  readonly merged: ReadonlyMap<number, AccountPosition>;
  readonly reserves: ReadonlyMap<number, bigint>;
};

/** The interval of an event that has something left in escrow. */
export function requireOpen({ intervals }: PoolState, event: PageEvent | ClosingEvent): OpenInterval {
  return (
    intervals.get(intervalKey(event)) ??
    refuseInterval(event, "stage", "the interval has nothing left to settle")
  );
}

/** Takes a page out of escrow for good. */
export function takePage(event: PageEvent, interval: OpenInterval): TakenPage {
  const { page } = event;
  if (!interval.openPages.delete(page))
    refuseInterval(event, "pageTwice", `page ${page} has nothing left in escrow`, { page });
  const ofPage = positionsOfPage(interval.positions, page);
  comparePositions(event, ofPage);
  return { merged: mergePositions(ofPage), reserves: reservesOf(ofPage, interval.prices) };
}

/** The positions that the transaction brought must be those of the clearing. */
function comparePositions(event: PageEvent, steps: StepPositions): void {
  if (event.submission === null) return;
  const fault = findPositionFault(event.submission.positions, steps);
  if (fault === null) return;
  const { page } = event;
  const subject = fault.account === undefined ? {} : { page, account: fault.account };
  refuseInterval(event, "positions", fault.finding, subject);
}

/** What left escrow in this transaction is what was due. */
export function release(
  { money }: PoolState,
  event: PageEvent | ClosingEvent,
  escrow: { escrowMicro: bigint },
  dueMicro: bigint,
): void {
  const finding = findReleaseFault(money.takeReleased() ?? 0n, dueMicro);
  if (finding !== null) refuseInterval(event, "released", finding);
  escrow.escrowMicro -= dueMicro;
}

export function requireAllPages(event: ClosingEvent, { openPages }: OpenInterval): void {
  if (openPages.size === 0) return;
  const finding = `the interval is closed while page ${[...openPages].join(", ")} is in escrow`;
  refuseInterval(event, "stage", finding);
}
