import type { MemberStanding } from "#domains/accounts/rules/standing.ts";
import { type Allocation, allocateQuotas, type Demand } from "./allocateQuotas.ts";
import { type ChargingPrices, depositNeededMicro } from "./charges.ts";
import { marginW as marginOf } from "./margin.ts";
import type { QuotaTerms } from "./quotaTerms.ts";

/** What is wrong with a step of a period: the rule by a word, and a sentence; `member` where it is one station's. */
export type PeriodFault = { readonly rule: string; readonly finding: string; readonly member?: number };

/** A step has to be within its window, its end left out (R9.3). */
export function findWindowFault(timestamp: number, from: number, until: number): PeriodFault | null {
  if (timestamp >= from && timestamp < until) return null;
  return { rule: "quotaWindow", finding: `${timestamp} is outside ${from} … ${until}` };
}

/** The margin is what rating, forecast and reserve give, by the terms that hold (R9.4). */
export function findMarginFault(
  { version, terms }: { readonly version: number; readonly terms: QuotaTerms },
  said: {
    readonly termsVersion: number;
    readonly marginW: number;
    readonly forecastW: number;
    readonly reserveW: number;
  },
): PeriodFault | null {
  const marginW = marginOf({ ratingW: terms.ratingW, forecastW: said.forecastW, reserveW: said.reserveW });
  if (said.termsVersion === version && said.marginW === marginW) return null;
  const finding = `the margin is ${said.marginW} W; by version ${version} it is ${marginW}`;
  return { rule: "quotaMargin", finding };
}

/** A demand is within the station's connection, with the deposit that AMB-23 asks for. */
export function findDemandFault(
  { demandW, depositMicro }: { readonly demandW: number; readonly depositMicro: bigint },
  {
    standing: { isTradable, capacityW },
    prices,
    periodSeconds,
  }: {
    readonly standing: Pick<MemberStanding, "isTradable" | "capacityW">;
    readonly prices: ChargingPrices;
    readonly periodSeconds: number;
  },
): PeriodFault | null {
  if (!isTradable || demandW <= 0 || demandW > capacityW)
    return { rule: "quotaDemand", finding: `a demand of ${demandW} W may not be taken` };
  const needed = depositNeededMicro({ prices, periodSeconds, demandW, auctionMicro: 0n });
  if (depositMicro >= needed) return null;
  return { rule: "quotaDeposit", finding: `a deposit of ${depositMicro} micro is below ${needed}` };
}

/** How a margin was said to be divided. */
export type SaidDivision = Pick<Allocation, "isRationed" | "totalDemandW" | "cutRemainder" | "cutMember">;

/** The margin is divided as the rule says (R9.5, R9.6); gives the quotas too. */
export function findDivisionFault(
  said: SaidDivision,
  { demands, marginW }: { readonly demands: readonly Demand[]; readonly marginW: number },
): { readonly allocation: Allocation; readonly fault: PeriodFault | null } {
  const allocation = allocateQuotas({ demands, marginW });
  const isCut = said.cutRemainder === allocation.cutRemainder && said.cutMember === allocation.cutMember;
  const isSame = said.isRationed === allocation.isRationed && said.totalDemandW === allocation.totalDemandW;
  if (isSame && (!allocation.isRationed || isCut)) return { allocation, fault: null };
  const finding = "the margin is divided in another way than the rule's";
  return { allocation, fault: { rule: "quotaAllocation", finding } };
}
