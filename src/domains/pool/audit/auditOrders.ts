import type { ClearingSubmission, PoolEvent } from "#domains/pool/events.ts";
import { findLimitFault, findPlaceFault, findSignerFault } from "#domains/pool/rules/orderFault.ts";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount } from "#platform/audit/replay.ts";
import type { PoolState, UnfinishedClearing } from "./poolState.ts";

type ClearingEvent = PoolEvent<"stepVerified" | "intervalCleared">;

/**
 * Requires of each order of a step: an account that may trade in the area, the signature of its signer at this moment, a
 * positive energy, a limit price within the band, and its place behind the order before (R5.6, R6.1, R9.8). Moves the
 * progress of the clearing on.
 */
export function verifyOrders(
  state: PoolState,
  step: { event: ClearingEvent; submission: ClearingSubmission; clearing: UnfinishedClearing },
): void {
  for (const order of [...step.submission.bids, ...step.submission.offers])
    verifyOrder(state, { ...step, order });
}

function verifyOrder(
  { separator, registry, counts }: PoolState,
  {
    event,
    submission: { outcome },
    clearing: { area, progress },
    order,
  }: {
    event: ClearingEvent;
    submission: ClearingSubmission;
    clearing: UnfinishedClearing;
    order: SignedOrder;
  },
): void {
  const { areaId, intervalId } = event;
  const { participant: account, side } = order;
  const run = progress[side];
  run.count += 1;
  addCount(counts, "pool.orders");
  addCount(counts, "pool.signatures");
  const standing = registry.standingOf(areaId, account);
  const fault =
    findSignerFault({ order, context: { separator, areaId, intervalId }, standing }) ??
    findLimitFault(order, area.terms) ??
    findPlaceFault({ order, last: run.last, outcome });
  if (fault !== null) {
    const finding = `${side} ${run.count} of account ${account} ${fault.words}`;
    refuseInterval(event, fault.rule, finding, { account, side, position: run.count });
  }
  run.last = order;
}
