import type { ChargingEvent } from "#domains/charging/events.ts";
import { depositNeededMicro } from "#domains/charging/rules/charges.ts";
import type { QuotaPosition } from "#domains/charging/rules/quotaAuction.ts";
import { planQuotaClearing, type QuotaClearingPlan } from "#domains/charging/rules/quotaClearingPlan.ts";
import { quotaOrderSigner, type SignedQuotaOrder } from "#domains/charging/rules/signedQuotaOrder.ts";
import type { AuctionSubmission } from "#domains/charging/submissions.ts";
import { addCount } from "#platform/audit/replay.ts";
import {
  type AuditedPeriod,
  bySeat,
  type QuotaState,
  refusePeriod,
  requireDso,
  requireMoved,
  requirePeriod,
  requireWithin,
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
  requireWithin(event, here.windows.ordersEndAt, here.windows.clearingEndsAt);
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
  requireOutcome(event, plan);
  requireTrades(here, event, plan.auction.positions);
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
  const { floorMicroPerKw, ceilingMicroPerKw } = here.terms;
  const sides = new Map<number, SignedQuotaOrder["side"]>();
  for (const order of [...bids, ...offers]) {
    const { participant: member, limitPriceMicroPerThousand: limit, side } = order;
    const { signer, isTradable } = areas.standingOf({ areaId: event.areaId, member, closesAt });
    if (!isTradable || quotaOrderSigner(order, context) !== signer)
      refusePeriod(event, "orderSignature", `an order of member ${member} is not signed by ${signer}`);
    if (limit < floorMicroPerKw || limit > ceilingMicroPerKw || order.quantity === 0)
      refusePeriod(event, "orderLimit", `an order of member ${member} is outside the limits`);
    if ((sides.get(member) ?? side) !== side)
      refusePeriod(event, "bothSides", `member ${member} is on both sides`);
    sides.set(member, side);
    addCount(counts, "charging.orders");
  }
}

function requireOutcome(event: Cleared, { outcome, auction }: QuotaClearingPlan): void {
  const isSame =
    event.localPriceMicroPerKw === outcome.localPrice &&
    event.clearedW === outcome.clearedW &&
    event.remainderMicro === auction.remainderMicro;
  if (isSame) return;
  const found = `${event.clearedW} W at ${event.localPriceMicroPerKw}, ${event.remainderMicro} micro left`;
  const expected = `${outcome.clearedW} W at ${outcome.localPrice}, ${auction.remainderMicro} micro left`;
  refusePeriod(event, "quotaAuction", `cleared are ${found}; by the orders it is ${expected}`);
}

function requireTrades({ traded }: AuditedPeriod, event: Cleared, positions: readonly QuotaPosition[]): void {
  const said = new Map(traded.map(({ member, quotaW, paymentMicro }) => [member, { quotaW, paymentMicro }]));
  const expected = positions.filter(({ boughtW, soldW }) => boughtW + soldW > 0);
  if (traded.length !== expected.length)
    refusePeriod(
      event,
      "quotaTrades",
      `${traded.length} stations are said to have traded, ${expected.length} did`,
    );
  for (const { member, boughtW, soldW, paymentMicro } of expected) {
    const trade = said.get(member);
    if (trade?.quotaW !== boughtW - soldW || trade.paymentMicro !== paymentMicro)
      refusePeriod(
        event,
        "quotaTrades",
        `member ${member} traded ${boughtW - soldW} W for ${paymentMicro} micro`,
      );
  }
}

/** Quotas and deposits change, sellers and the fund are paid; nobody sells what it has not, or buys what it cannot pay for. */
function moveQuotas(state: QuotaState, here: AuditedPeriod, event: Cleared, { auction }: QuotaClearingPlan) {
  const paid: [number, bigint][] = [[here.fund, auction.remainderMicro]];
  for (const { member, boughtW, soldW, paymentMicro } of auction.positions) {
    if (boughtW + soldW === 0) continue;
    const station = here.stations.get(member);
    if (station === undefined || soldW > station.quotaW)
      refusePeriod(event, "quotaTrades", `member ${member} sold more quota than it has`);
    const { demandW } = station;
    const quotaW = station.quotaW + boughtW - soldW;
    const { prices, terms } = here;
    const { periodSeconds } = terms;
    const auctionMicro = paymentMicro;
    const needed = depositNeededMicro({ prices, periodSeconds, demandW, quotaW, auctionMicro });
    const { capacityW } = state.areas.standingOf({
      areaId: event.areaId,
      member,
      closesAt: here.windows.ordersEndAt,
    });
    if (boughtW > 0 && (needed > station.depositMicro || quotaW > capacityW))
      refusePeriod(
        event,
        "quotaTrades",
        `member ${member} bought what its deposit or connection does not bear`,
      );
    station.quotaW = quotaW;
    if (soldW > 0) paid.push([member, -paymentMicro]);
    else station.depositMicro -= paymentMicro;
  }
  const total = paid.reduce((sum, [, micro]) => sum + micro, 0n);
  requireMoved(event, "out of escrow went", state.money.takeReleased(), total);
  state.money.pay(bySeat(event.areaId, paid));
  here.isCleared = true;
}
