import { gateClosesAt } from "#domains/pool/rules/area.ts";
import {
  findLimitFault,
  findPlaceFault,
  findSideFault,
  findSignerFault,
} from "#domains/pool/rules/orderFault.ts";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount } from "#platform/audit/replay.ts";
import type { ClearingEvent, PoolState, UnfinishedClearing } from "./poolState.ts";

type Step = {
  readonly event: ClearingEvent;
  readonly submission: ClearingSubmission;
  readonly clearing: UnfinishedClearing;
};

/**
 * Requires of each order of a step: a member that may trade in the area, on one side only, the signature of the one who signs
 * for it when the gate closes, a positive energy, a limit price within the band, and its place behind the order before
 * (R5.6, R6.1, R9.8). Moves the progress of the clearing on.
 */
export function verifyOrders(state: PoolState, step: Step): void {
  for (const order of [...step.submission.bids, ...step.submission.offers])
    verifyOrder(state, { ...step, order });
}

function verifyOrder(
  { separator, areas, counts }: PoolState,
  {
    event,
    submission: { outcome },
    clearing: { terms, progress, sides },
    order,
  }: Step & { readonly order: SignedOrder },
): void {
  const { areaId, intervalId } = event;
  const { participant: member, side } = order;
  const run = progress[side];
  run.count += 1;
  addCount(counts, "pool.orders");
  addCount(counts, "pool.signatures");
  const closesAt = gateClosesAt(intervalId, terms.terms);
  const standing = areas.standingOf({ areaId, member, closesAt });
  const fault =
    findSignerFault({ order, context: { separator, areaId, intervalId }, standing }) ??
    findLimitFault(order, terms.terms) ??
    findSideFault(order, sides) ??
    findPlaceFault({ order, last: run.last, outcome });
  if (fault !== null) {
    const finding = `${side} ${run.count} of member ${member} ${fault.words}`;
    refuseInterval(event, fault.rule, finding, { member, side, position: run.count });
  }
  sides.set(member, side);
  run.last = order;
}
