import {
  findAuctionFault,
  findOrderFault,
  findTraderFault,
  findTradesFault,
} from "#domains/charging/rules/auctionFaults.ts";
import { findWindowFault, type PeriodFault } from "#domains/charging/rules/periodFaults.ts";
import { planQuotaClearing } from "#domains/charging/rules/quotaClearingPlan.ts";
import {
  type QuotaOrderContext,
  quotaSeparator,
  type SignedQuotaOrder,
} from "#domains/charging/rules/signedQuotaOrder.ts";
import { type CheckStep, notPossible, passed } from "#domains/metering/check/checkOutcome.ts";
import { checkEach, failed } from "./checkStep.ts";
import type { AuctionEvidence, PeriodEvidence, StationStanding } from "./periodEvidence.ts";
import { dividedStations } from "./reopenedPeriod.ts";
import { findSenderFault, pricesIn, windowsIn } from "./stepChecks.ts";

const UNKNOWN: StationStanding = { signer: null, isTradable: false, capacityW: 0 };
const NO_ORDERS = "the auction’s orders are not there";

function contextOf({ chainId, quotaMarket, areaId, period }: PeriodEvidence): QuotaOrderContext {
  return { separator: quotaSeparator(chainId, quotaMarket), areaId, period };
}

function ordersOf({ book }: AuctionEvidence): readonly SignedQuotaOrder[] {
  return book === null ? [] : [...book.bids, ...book.offers];
}

/** Who signed each order, its limits, and one side a station (R9.7). */
export function* checkOrders(evidence: PeriodEvidence): CheckStep {
  const { auction, terms } = evidence;
  if (auction === null) return notPossible(NO_ORDERS);
  const context = contextOf(evidence);
  const sides = new Map();
  return yield* checkEach(ordersOf(auction), (order) => {
    const standing = auction.standings.get(order.participant) ?? UNKNOWN;
    return findOrderFault(order, { context, standing, terms, sides });
  });
}

/** The auction cleared anew, and that everybody has what it sells and bears what it buys (R9.8–R9.10, E9.7). */
export function* checkAuction(evidence: PeriodEvidence): CheckStep {
  const { auction, terms } = evidence;
  if (auction === null) return notPossible(NO_ORDERS);
  const orders = ordersOf(auction);
  yield { checked: 0, of: orders.length };
  // Without quota no book can hold an order: the step before names it.
  if (orders.some(({ quantity }) => quantity === 0)) return notPossible("an order is for no quota");
  const plan = planQuotaClearing(orders, terms.pricing, contextOf(evidence));
  const { ordersEndAt, clearingEndsAt } = windowsIn(evidence);
  const fault =
    findWindowFault(auction.timestamp, ordersEndAt, clearingEndsAt) ??
    findSenderFault(evidence, auction.sender) ??
    findAuctionFault(auction, plan) ??
    findTradesFault(auction.trades, plan.auction.positions) ??
    (plan.outcome.bookRoot === auction.bookRoot ? null : OTHER_ROOT) ??
    findTraders(evidence, auction, plan.auction.positions);
  return fault ? failed(orders.length, fault) : passed(orders.length);
}

const OTHER_ROOT: PeriodFault = {
  rule: "bookRoot",
  finding: "the orders do not give the root that was recorded for the book",
};

function findTraders(
  evidence: PeriodEvidence,
  { standings }: AuctionEvidence,
  positions: ReturnType<typeof planQuotaClearing>["auction"]["positions"],
): PeriodFault | null {
  const stations = dividedStations(evidence);
  const prices = pricesIn(evidence);
  const { periodSeconds } = evidence.terms;
  for (const position of positions) {
    if (position.boughtW + position.soldW === 0) continue;
    const station = stations.get(position.member) ?? null;
    const { capacityW } = standings.get(position.member) ?? UNKNOWN;
    const fault = findTraderFault(position, { station, prices, periodSeconds, capacityW });
    if (fault) return fault;
  }
  return null;
}
