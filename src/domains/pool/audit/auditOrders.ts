import type { RegistryReplay } from "#domains/accounts/audit/auditRegistry.ts";
import { findLimitFault, findPlaceFault, findSignerFault } from "#domains/pool/rules/orderFault.ts";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import type { Side } from "#market/order.ts";
import type { AuditCounts } from "#platform/audit/auditCounts.ts";
import { type AuditedArea, type IntervalEvent, refuseInterval } from "./auditArea.ts";

/** How far the two sides of an interval's book have come: orders seen, and the last one of each. */
export type BookProgress = Record<Side, { count: number; last: SignedOrder | null }>;

export function createBookProgress(): BookProgress {
  return { bid: { count: 0, last: null }, offer: { count: 0, last: null } };
}

/**
 * Requires of each order of a step: an account that may trade in the area, the signature of whoever signs for it at
 * this moment, a positive energy, a limit price within the band, and its place behind the order before (R5.6, R6.1,
 * R9.8). Moves `progress` on.
 */
export function verifyOrders({
  event,
  submission,
  area,
  separator,
  registry,
  progress,
  counts,
}: {
  event: IntervalEvent;
  submission: ClearingSubmission;
  area: AuditedArea;
  separator: Uint8Array;
  registry: RegistryReplay;
  progress: BookProgress;
  counts: AuditCounts;
}): void {
  const { areaId, intervalId } = event;
  const context = { separator, areaId, intervalId };
  for (const order of [...submission.bids, ...submission.offers]) {
    const side = progress[order.side];
    side.count += 1;
    counts.orders += 1;
    counts.signatures += 1;
    const { participant } = order;
    const standing = registry.standingOf(areaId, participant);
    const fault =
      findSignerFault({ order, context, standing }) ??
      findLimitFault(order, area.terms) ??
      findPlaceFault({ order, last: side.last, outcome: submission.outcome });
    if (fault !== null) {
      const subject = { account: participant, side: order.side, position: side.count };
      const finding = `${order.side} ${side.count} of account ${participant} ${fault.words}`;
      refuseInterval(event, fault.rule, finding, subject);
    }
    side.last = order;
  }
}
