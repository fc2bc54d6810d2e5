import type { MemberStanding } from "#domains/accounts/rules/standing.ts";
import type { Side } from "#kernel/auction/order.ts";
import { type ChargingPrices, depositNeededMicro } from "./charges.ts";
import type { PeriodFault } from "./periodFaults.ts";
import type { QuotaPosition } from "./quotaAuction.ts";
import type { QuotaClearingPlan } from "./quotaClearingPlan.ts";
import type { QuotaTerms } from "./quotaTerms.ts";
import { type QuotaOrderContext, quotaOrderSigner, type SignedQuotaOrder } from "./signedQuotaOrder.ts";

/**
 * An order of quota is signed by who signs for its station when orders end, within the limits, and its station on one side
 * (R9.7, R5.10). `sides` grows with each order.
 */
export function findOrderFault(
  order: SignedQuotaOrder,
  {
    context,
    standing: { signer, isTradable },
    terms: { floorMicroPerKw, ceilingMicroPerKw },
    sides,
  }: {
    readonly context: QuotaOrderContext;
    readonly standing: Pick<MemberStanding, "signer" | "isTradable">;
    readonly terms: QuotaTerms;
    readonly sides: Map<number, Side>;
  },
): PeriodFault | null {
  const { participant: member, limitPriceMicroPerThousand: limit, side } = order;
  const fault = (rule: string, finding: string) => ({ rule, finding, member });
  if (!isTradable || quotaOrderSigner(order, context) !== signer)
    return fault("orderSignature", `an order of member ${member} is not signed by ${signer}`);
  if (limit < floorMicroPerKw || limit > ceilingMicroPerKw || order.quantity === 0)
    return fault("orderLimit", `an order of member ${member} is outside the limits`);
  if ((sides.get(member) ?? side) !== side) return fault("bothSides", `member ${member} is on both sides`);
  sides.set(member, side);
  return null;
}

/** Price, energy and remainder of an auction are those of its orders, cleared anew (R9.8, R9.9). */
export function findAuctionFault(
  recorded: {
    readonly localPriceMicroPerKw: number;
    readonly clearedW: number;
    readonly remainderMicro: bigint;
  },
  { outcome, auction }: QuotaClearingPlan,
): PeriodFault | null {
  const isSame =
    recorded.localPriceMicroPerKw === outcome.localPrice &&
    recorded.clearedW === outcome.clearedW &&
    recorded.remainderMicro === auction.remainderMicro;
  if (isSame) return null;
  const found = `${recorded.clearedW} W at ${recorded.localPriceMicroPerKw}, ${recorded.remainderMicro} micro left`;
  const expected = `${outcome.clearedW} W at ${outcome.localPrice}, ${auction.remainderMicro} micro left`;
  return { rule: "quotaAuction", finding: `cleared are ${found}; by the orders it is ${expected}` };
}

/** What a station is said to have traded: bought where `quotaW` is positive, paid where `paymentMicro` is. */
export type SaidTrade = { readonly member: number; readonly quotaW: number; readonly paymentMicro: bigint };

/** What each station is said to have traded is what its orders come to. */
export function findTradesFault(
  traded: readonly SaidTrade[],
  positions: readonly QuotaPosition[],
): PeriodFault | null {
  const said = new Map(traded.map((trade) => [trade.member, trade]));
  const expected = positions.filter(({ boughtW, soldW }) => boughtW + soldW > 0);
  for (const { member, boughtW, soldW, paymentMicro } of expected) {
    const trade = said.get(member);
    if (trade?.quotaW === boughtW - soldW && trade.paymentMicro === paymentMicro) continue;
    const finding = `member ${member} traded ${boughtW - soldW} W for ${paymentMicro} micro`;
    return { rule: "quotaTrades", finding, member };
  }
  if (traded.length === expected.length) return null;
  const finding = `${traded.length} stations are said to have traded, ${expected.length} did`;
  return { rule: "quotaTrades", finding };
}

/** Nobody sells what it has not, or buys what its deposit or its connection does not bear (E9.7, AMB-23). */
export function findTraderFault(
  { member, boughtW, soldW, paymentMicro }: QuotaPosition,
  {
    station,
    prices,
    periodSeconds,
    capacityW,
  }: {
    readonly station: {
      readonly demandW: number;
      readonly quotaW: number;
      readonly depositMicro: bigint;
    } | null;
    readonly prices: ChargingPrices;
    readonly periodSeconds: number;
    readonly capacityW: number;
  },
): PeriodFault | null {
  const fault = (finding: string) => ({
    rule: "quotaTrades",
    finding: `member ${member} ${finding}`,
    member,
  });
  if (station === null || soldW > station.quotaW) return fault("sold more quota than it has");
  const quotaW = station.quotaW + boughtW - soldW;
  const { demandW, depositMicro } = station;
  const needed = depositNeededMicro({ prices, periodSeconds, demandW, quotaW, auctionMicro: paymentMicro });
  if (boughtW === 0 || (needed <= depositMicro && quotaW <= capacityW)) return null;
  return fault("bought what its deposit or connection does not bear");
}
