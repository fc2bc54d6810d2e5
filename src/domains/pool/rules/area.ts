import type { Pricing } from "#kernel/auction/order.ts";
import { type IntervalId, startsAt } from "#kernel/units/interval.ts";
import { microRoundingUp } from "#kernel/units/money.ts";
import { divideRoundingUp } from "#kernel/units/rounding.ts";

/**
 * The rules of an area's pool, one version of them. Prices in micro per kWh.
 *
 * @property gateClosureSeconds the gate of an interval closes this long before delivery starts
 * @property floorMicroPerKwh lowest limit price (feed-in price, R5.6)
 * @property ceilingMicroPerKwh highest limit price (retail price, R5.6)
 * @property upstreamPriceMicroPerKwh price of energy from the supplier, who replaces what sellers don't deliver (R7.19)
 * @property penaltyPermille operator's factor k ≥ 1 on the shortfall price, in thousandths (AMB-16)
 * @property surplusPriceMicroPerKwh price at which the supplier takes what buyers contracted but don't consume
 * @property gridFeeMicroPerKwh paid to the DSO on delivered energy (R2.51)
 */
export type AreaTerms = {
  readonly intervalSeconds: number;
  readonly gateClosureSeconds: number;
  readonly pricing: Pricing;
  readonly floorMicroPerKwh: bigint;
  readonly ceilingMicroPerKwh: bigint;
  readonly upstreamPriceMicroPerKwh: bigint;
  readonly penaltyPermille: bigint;
  readonly surplusPriceMicroPerKwh: bigint;
  readonly gridFeeMicroPerKwh: bigint;
};

/** Unix second from which no order of the interval is taken. */
export function gateClosesAt(
  intervalId: IntervalId,
  { intervalSeconds, gateClosureSeconds }: Pick<AreaTerms, "intervalSeconds" | "gateClosureSeconds">,
): number {
  return startsAt(intervalId, intervalSeconds) - gateClosureSeconds;
}

/** Members that an area pays besides those who trade, by their numbers. */
export type AreaParties = { readonly supplier: number; readonly dso: number; readonly fund: number };

/** What a settlement charges besides the trade itself, micro per kWh. */
export type SettlementPrices = {
  readonly shortfallMicroPerKwh: bigint;
  readonly surplusMicroPerKwh: bigint;
  readonly gridFeeMicroPerKwh: bigint;
};

/**
 * Prices of deviations for an interval whose marginal pair met at `localPriceMicroPerKwh`:
 * shortfall = k · max(local price, upstream price), rounded up (R7.19, AMB-16). Where no supplier stands for the interval,
 * what was bought and not consumed earns nothing.
 */
export function settlementPrices(
  terms: AreaTerms,
  {
    localPriceMicroPerKwh,
    isSupplied,
  }: { readonly localPriceMicroPerKwh: bigint; readonly isSupplied: boolean },
): SettlementPrices {
  const upstream = terms.upstreamPriceMicroPerKwh;
  const surplus = terms.surplusPriceMicroPerKwh;
  const reference = localPriceMicroPerKwh > upstream ? localPriceMicroPerKwh : upstream;
  return {
    shortfallMicroPerKwh: divideRoundingUp(reference * terms.penaltyPermille, 1_000n),
    surplusMicroPerKwh: isSupplied || surplus < 0n ? surplus : 0n,
    gridFeeMicroPerKwh: terms.gridFeeMicroPerKwh,
  };
}

/** What the supplier reserves for a clearing: it may have to take every cleared Wh at the surplus price. */
export function supplierReserveMicro(clearedWh: bigint, prices: SettlementPrices): bigint {
  return prices.surplusMicroPerKwh > 0n ? microRoundingUp(clearedWh * prices.surplusMicroPerKwh) : 0n;
}

/** The registry tells who signs for gates that closed within the last hour. */
const MAX_GATE_CLOSURE_SECONDS = 3_600;

/**
 * Sentences that say what is wrong with `terms`; empty when a pool may have them. The same rules stand in the contract.
 * The shortfall price never falls below the ceiling, so that selling without delivering can't pay (R2.20).
 */
export function termsFaults(terms: AreaTerms): readonly string[] {
  const faults: string[] = [];
  const { floorMicroPerKwh, ceilingMicroPerKwh } = terms;
  const { gateClosureSeconds } = terms;
  if (!(gateClosureSeconds >= 1 && gateClosureSeconds <= MAX_GATE_CLOSURE_SECONDS))
    faults.push(`gateClosureSeconds ${gateClosureSeconds} s is outside 1…${MAX_GATE_CLOSURE_SECONDS} s`);
  if (!(terms.intervalSeconds >= 60 && terms.intervalSeconds <= 86_400))
    faults.push(`intervalSeconds ${terms.intervalSeconds} s is outside 60…86400 s`);
  if (floorMicroPerKwh > ceilingMicroPerKwh)
    faults.push(`floor ${floorMicroPerKwh} micro/kWh is above the ceiling ${ceilingMicroPerKwh} micro/kWh`);
  if (terms.penaltyPermille < 1_000n)
    faults.push(`penaltyPermille ${terms.penaltyPermille} is below 1000 (k < 1)`);
  if (terms.upstreamPriceMicroPerKwh < ceilingMicroPerKwh || terms.upstreamPriceMicroPerKwh < 0n)
    faults.push(
      `upstream price ${terms.upstreamPriceMicroPerKwh} micro/kWh is negative or below the ceiling ${ceilingMicroPerKwh} micro/kWh`,
    );
  if (terms.surplusPriceMicroPerKwh > floorMicroPerKwh)
    faults.push(
      `surplus price ${terms.surplusPriceMicroPerKwh} micro/kWh is above the floor ${floorMicroPerKwh} micro/kWh`,
    );
  if (terms.gridFeeMicroPerKwh < 0n)
    faults.push(`grid fee ${terms.gridFeeMicroPerKwh} micro/kWh is negative`);
  return faults;
}
