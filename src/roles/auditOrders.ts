import type { ClearingSubmission } from "#chain/chainEvent.ts";
import { orderSigner, type SignedOrder } from "#evidence/signedOrder.ts";
import type { Side } from "#market/order.ts";
import { type AuditedArea, type IntervalEvent, refuseInterval } from "./auditArea.ts";
import type { AuditCounts } from "./auditCounts.ts";
import type { AuditRule } from "./auditDiscrepancy.ts";
import type { RegistryReplay } from "./auditRegistry.ts";

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
    const fault =
      findSignerFault({ order, area, registry, signer: () => orderSigner(order, context) }) ??
      findLimitFault(order, area) ??
      findPlaceFault({ order, last: side.last, outcome: submission.outcome });
    if (fault !== null) {
      const { participant: account, side: name } = order;
      const subject = { account, side: name, position: side.count };
      refuseInterval(
        event,
        fault.rule,
        `${name} ${side.count} of account ${account} ${fault.words}`,
        subject,
      );
    }
    side.last = order;
  }
}

/** What is wrong with an order, in words that go on after its name. */
export type OrderFault = { readonly rule: AuditRule; readonly words: string };

function findSignerFault({
  order,
  area,
  registry,
  signer,
}: {
  order: SignedOrder;
  area: AuditedArea;
  registry: RegistryReplay;
  signer: () => string | null;
}): OrderFault | null {
  const expected = registry.signerOf(order.participant);
  if (expected === null || !registry.isTradable(area.areaId, order.participant))
    return { rule: "accountNotTradable", words: `may not trade in area ${area.areaId}` };
  if (signer() !== expected) return { rule: "orderSignature", words: `is not signed by ${expected}` };
  return null;
}

/** An order is for some energy, at a limit price within the band of its area (R5.6). */
export function findLimitFault(order: SignedOrder, { terms }: AuditedArea): OrderFault | null {
  if (order.energyWh < 1) return { rule: "orderEnergy", words: "is for 0 Wh" };
  const price = BigInt(order.limitPriceMicroPerKwh);
  if (price < terms.floorMicroPerKwh || price > terms.ceilingMicroPerKwh)
    return {
      rule: "orderPrice",
      words: `has a limit of ${price} micro/kWh, outside ${terms.floorMicroPerKwh}…${terms.ceilingMicroPerKwh} micro/kWh`,
    };
  return null;
}

function findPlaceFault({
  order,
  last,
  outcome: { firstAccount, lastAccount },
}: {
  order: SignedOrder;
  last: SignedOrder | null;
  outcome: ClearingSubmission["outcome"];
}): OrderFault | null {
  if (order.participant < firstAccount || order.participant > lastAccount)
    return {
      rule: "accountNotTradable",
      words: `is outside the declared accounts ${firstAccount}…${lastAccount}`,
    };
  if (last !== null && compareMerit(last, order) >= 0)
    return { rule: "meritOrder", words: "does not stand behind the order before it" };
  return null;
}

/** Negative when `a` comes before `b`: better price, then lower account, then lower sequence. */
function compareMerit(a: SignedOrder, b: SignedOrder): number {
  const worse = a.side === "bid" ? -1 : 1;
  return (
    worse * (a.limitPriceMicroPerKwh - b.limitPriceMicroPerKwh) ||
    a.participant - b.participant ||
    a.sequence - b.sequence
  );
}
