import { pageOf } from "#domains/metering/rules/readingTree.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import { findCapacityFault } from "#domains/pool/rules/capacityFault.ts";
import { findPositionFault, pagesOf, positionsOfPage, sumOf } from "#domains/pool/rules/pageSettlement.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import { findReserveFault } from "#domains/pool/rules/settlementFault.ts";
import { positionsSoFar } from "#domains/pool/rules/unfinishedClearing.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import {
  bySeat,
  type ClearingEvent,
  type PoolState,
  takeEscrow,
  type UnfinishedClearing,
} from "./poolState.ts";

/**
 * What members traded by the steps so far of a clearing that has more to come, and by what was declared; with positions of
 * nothing where they have an order.
 */
export function positionsAfter({ steps, outcome, sides, packing }: UnfinishedClearing): MemberPosition[] {
  const bids = steps.flatMap((step) => step.bids);
  const offers = steps.flatMap((step) => step.offers);
  const traded = positionsSoFar({ bids, offers, outcome, pricing: packing.pricing });
  const positions = new Map(traded.map((position) => [position.member, position]));
  const nothing = { boughtWh: 0n, soldWh: 0n, exactPayment: 0n };
  return [...sides]
    .sort(([a], [b]) => a - b)
    .map(([member, side]) => positions.get(member) ?? { member, side, ...nothing });
}

/** A further step brings along the positions that the steps before came to. */
export function requireContinued(
  event: ClearingEvent,
  submission: ClearingSubmission,
  { positions, packing, outcome }: UnfinishedClearing,
): void {
  for (const page of pagesOf(positions)) {
    const brought = submission.before[page - pageOf(outcome.firstMember)] ?? [];
    const fault = findPositionFault(brought, positionsOfPage(positions, page), packing);
    if (fault === null) continue;
    const finding = `the step goes on from other positions than those before: ${fault.finding}`;
    refuseInterval(event, "positions", finding, fault.member === undefined ? {} : { member: fault.member });
  }
}

/**
 * A step took into escrow what its positions need beyond those before it, the first one with the supplier's part (R7.3), and
 * leads to no position above what a connection carries. Moves the members' part out of their margins.
 */
export function reserveStep(
  state: PoolState,
  event: ClearingEvent,
  { clearing, after }: { clearing: UnfinishedClearing; after: readonly MemberPosition[] },
): void {
  const { areaId, intervalId, terms, prices, positions: before, steps, supplierReserveMicro } = clearing;
  const { intervalSeconds } = terms.terms;
  const closesAt = gateClosesAt(intervalId, terms.terms);
  const capacityOf = (member: number) => state.areas.standingOf({ areaId, member, closesAt }).capacityW;
  const fault = findCapacityFault({ before, after, intervalSeconds, capacityOf });
  if (fault) refuseInterval(event, "capacity", fault.finding, { member: fault.member });
  const [reserved, reserves] = [reservesOf(before, prices), reservesOf(after, prices)];
  const supplierMicro = steps.length === 0 ? supplierReserveMicro : 0n;
  const neededMicro = sumOf(reserves) - sumOf(reserved) + supplierMicro;
  const finding = findReserveFault(takeEscrow(state), neededMicro);
  if (finding !== null) refuseInterval(event, "reserve", finding);
  state.money.pay(bySeat(areaId, reserved));
  state.money.reserve(event, bySeat(areaId, reserves));
}
