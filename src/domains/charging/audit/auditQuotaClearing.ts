import type { ChargingEvent } from "#domains/charging/events.ts";
import {
  findAuctionFault,
  findOrderFault,
  findTraderFault,
  findTradesFault,
} from "#domains/charging/rules/auctionFaults.ts";
import { findWindowFault } from "#domains/charging/rules/periodFaults.ts";
import { planQuotaClearing, type QuotaClearingPlan } from "#domains/charging/rules/quotaClearingPlan.ts";
import type { AuctionSubmission } from "#domains/charging/submissions.ts";
import type { Side } from "#kernel/auction/order.ts";
import { addCount } from "#platform/audit/replay.ts";
import {
  type AuditedPeriod,
  bySeat,
  type QuotaState,
  refuseFault,
  refusePeriod,
  requireDso,
  requireMoved,
  requirePeriod,
} from "./quotaState.ts";

type Cleared = ChargingEvent<"quotasCleared">;

/** Keeps what a clearing says of a member until it says what it comes to. */
export function noteTrade(state: QuotaState, event: ChargingEvent<"quotaTraded">): void {
  requirePeriod(state, event).traded.push(event);
}

/**
 * The auction is cleared anew from the orders that the transaction brought: signed, within the band, covered, at most one side
 * a station; what each traded and paid, the price, and what rounding left are the same (R9.7–R9.10).
 */
export function clearQuotas(state: QuotaState, event: Cleared): void {
  const here = requirePeriod(state, event);
  const { ordersEndAt, clearingEndsAt } = here.windows;
  refuseFault(event, findWindowFault(event.timestamp, ordersEndAt, clearingEndsAt));
  requireDso(state, event, here.dso);
  if (!here.allocation?.isRationed || here.isCleared)
    refusePeriod(event, "quotaAuction", "there is no auction to clear");
  const { submission } = event;
  if (submission === null)
    refusePeriod(event, "hiddenSubmission", "the auction did not reach the market directly");
  verifyOrders(state, here, event, submission);
  const { separator } = state;
  const place = { separator, areaId: event.areaId, period: event.period };
  const plan = planQuotaClearing([...submission.bids, ...submission.offers], here.terms.pricing, place);
  refuseFault(event, findAuctionFault(event, plan));
  refuseFault(event, findTradesFault(here.traded, plan.auction.positions));
  moveQuotas(state, here, event, plan);
  addCount(state.counts, "charging.auctions");
}

function verifyOrders(
  { areas, separator, counts }: QuotaState,
  here: AuditedPeriod,
  event: Cleared,
  { bids, offers }: AuctionSubmission,
): void {
  const context = { separator, areaId: event.areaId, period: event.period };
  const closesAt = here.windows.ordersEndAt;
  const sides = new Map<number, Side>();
  for (const order of [...bids, ...offers]) {
    const standing = areas.standingOf({ areaId: event.areaId, member: order.participant, closesAt });
    refuseFault(event, findOrderFault(order, { context, standing, terms: here.terms, sides }));
    addCount(counts, "charging.orders");
  }
}

/** Quotas and deposits change, sellers and the fund are paid; nobody sells what it has not, or buys what it cannot pay for. */
function moveQuotas(state: QuotaState, here: AuditedPeriod, event: Cleared, { auction }: QuotaClearingPlan) {
  const paid: [number, bigint][] = [[here.fund, auction.remainderMicro]];
  const { prices, terms, windows } = here;
  for (const position of auction.positions) {
    const { member, boughtW, soldW, paymentMicro } = position;
    if (boughtW + soldW === 0) continue;
    const station = here.stations.get(member) ?? null;
    const gate = { areaId: event.areaId, member, closesAt: windows.ordersEndAt };
    const { capacityW } = state.areas.standingOf(gate);
    const { periodSeconds } = terms;
    refuseFault(event, findTraderFault(position, { station, prices, periodSeconds, capacityW }));
    if (station === null) continue;
    station.quotaW += boughtW - soldW;
    if (soldW > 0) paid.push([member, -paymentMicro]);
    else station.depositMicro -= paymentMicro;
  }
  const total = paid.reduce((sum, [, micro]) => sum + micro, 0n);
  requireMoved(event, "out of escrow went", state.money.takeReleased(), total);
  state.money.pay(bySeat(event.areaId, paid));
  here.isCleared = true;
}
