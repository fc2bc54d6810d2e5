import type { PoolEvent } from "#domains/pool/events.ts";
import { findPositionFault, positionsOfPage } from "#domains/pool/rules/pageSettlement.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import { findReleaseFault } from "#domains/pool/rules/settlementFault.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import {
  type HeldClearing,
  intervalKey,
  type OpenInterval,
  type PoolState,
  takeEscrow,
} from "./poolState.ts";

export type PageEvent = PoolEvent<"pageSettled" | "pageReturned">;
export type ClosingEvent = PoolEvent<"intervalSettled" | "intervalReturned">;

/** A page that left escrow: its positions, and what was reserved for each member, micro. */
export type TakenPage = {
  readonly positions: readonly MemberPosition[];
  readonly reserves: ReadonlyMap<number, bigint>;
};

/** The interval of an event that has something left in escrow. */
export function requireOpen({ intervals }: PoolState, event: PageEvent | ClosingEvent): OpenInterval {
  return (
    intervals.get(intervalKey(event)) ??
    refuseInterval(event, "stage", "the interval has nothing left to settle")
  );
}

/** Takes a page out of escrow, which happens once; its positions are those of the clearing. */
export function takePage(event: PageEvent, held: HeldClearing & { openPages: Set<number> }): TakenPage {
  const { page, submission } = event;
  if (!held.openPages.delete(page))
    refuseInterval(event, "pageTwice", `page ${page} has nothing left in escrow`, { page });
  const positions = positionsOfPage(held.positions, page);
  const fault = submission && findPositionFault(submission.positions, positions, held.packing);
  if (fault) {
    const subject = fault.member === undefined ? {} : { page, member: fault.member };
    refuseInterval(event, "positions", fault.finding, subject);
  }
  return { positions, reserves: reservesOf(positions, held.prices) };
}

/** What left escrow for this event is what was due, micro. */
export function requireReleased(
  state: PoolState,
  event: PageEvent | PoolEvent<"clearingAbandoned">,
  dueMicro: bigint,
): void {
  const finding = findReleaseFault(-takeEscrow(state), dueMicro);
  if (finding !== null) refuseInterval(event, "released", finding);
}

export function requireAllPages(event: ClosingEvent, openPages: ReadonlySet<number>): void {
  if (openPages.size === 0) return;
  const finding = `the interval is closed while page ${[...openPages].join(", ")} is in escrow`;
  refuseInterval(event, "stage", finding);
}
