import { microRoundingUp } from "#kernel/units/money.ts";
import { divideRoundingUp } from "#kernel/units/rounding.ts";

const SECONDS_PER_HOUR = 3_600n;
const PERMILLE = 1_000n;
const WH_PER_KWH = 1_000n;

/** So long after the waiting time, nothing has to be proven any more: an interval without a reading counts as nothing. */
export const QUOTA_LAST_RESORT_SECONDS = 14 * 86_400;

/** What energy costs in a period: the tariff that was set for it, and what a kWh above the quota costs besides (AMB-23). */
export type ChargingPrices = { readonly tariffMicroPerKwh: bigint; readonly penaltyPermille: bigint };

/** Energy that a power gives in a time, Wh, rounded up: what a quota allows (E9.4, E9.10). */
export function energyWhOf(powerW: number, seconds: number): bigint {
  return divideRoundingUp(BigInt(powerW) * BigInt(seconds), SECONDS_PER_HOUR);
}

/** Tariff × metered energy, in micro, rounded up (R9.17, E9.3). */
export function feeMicro({ tariffMicroPerKwh }: ChargingPrices, meteredWh: bigint): bigint {
  return microRoundingUp(meteredWh * tariffMicroPerKwh);
}

/** What energy above the quota costs besides its fee, in micro, rounded up: AMB-23, R9.11. */
export function penaltyMicro(prices: ChargingPrices, excessWh: bigint): bigint {
  const exact = excessWh * prices.tariffMicroPerKwh * prices.penaltyPermille;
  return divideRoundingUp(exact, PERMILLE * WH_PER_KWH);
}

/**
 * What a station has to put down (AMB-23), in micro: what it may pay in the auction, the fee of the most that it may draw by
 * right, and the penalty for all that it asked for, were its quota nothing. Whatever part of its demand it draws is covered, under
 * whatever quota.
 *
 * @param auctionMicro the most that its bids can cost, or what they did cost
 * @param quotaW a quota above the demand counts for the fee
 */
export function depositNeededMicro({
  prices,
  periodSeconds,
  demandW,
  quotaW = 0,
  auctionMicro,
}: {
  readonly prices: ChargingPrices;
  readonly periodSeconds: number;
  readonly demandW: number;
  readonly quotaW?: number;
  readonly auctionMicro: bigint;
}): bigint {
  const fee = feeMicro(prices, energyWhOf(Math.max(demandW, quotaW), periodSeconds));
  return fee + penaltyMicro(prices, energyWhOf(demandW, periodSeconds)) + auctionMicro;
}

/** What an interval of a period was measured; null when the publication provably has no reading of the station. */
export type MeteredInterval = { readonly importWh: bigint | null };

/** What a station owes for a period, in micro, and the energy it stands for. */
export type PeriodCharge = {
  readonly meteredWh: bigint;
  readonly excessWh: bigint;
  readonly feeMicro: bigint;
  readonly penaltyMicro: bigint;
};

/**
 * What a station owes for the energy of a period (R9.11, R9.17). A quota is power, so that each interval is compared with it; an
 * interval without a reading counts as the quota drawn in full. No more is taken than the deposit has left: the fee first.
 */
export function chargePeriod({
  prices,
  intervalSeconds,
  quotaW,
  intervals,
  depositMicro,
}: {
  readonly prices: ChargingPrices;
  readonly intervalSeconds: number;
  readonly quotaW: number;
  readonly intervals: readonly MeteredInterval[];
  readonly depositMicro: bigint;
}): PeriodCharge {
  const allowedWh = energyWhOf(quotaW, intervalSeconds);
  let [meteredWh, excessWh] = [0n, 0n];
  for (const { importWh } of intervals) {
    const countedWh = importWh ?? allowedWh;
    meteredWh += countedWh;
    if (countedWh > allowedWh) excessWh += countedWh - allowedWh;
  }
  const fee = least(feeMicro(prices, meteredWh), depositMicro);
  const penalty = least(penaltyMicro(prices, excessWh), depositMicro - fee);
  return { meteredWh, excessWh, feeMicro: fee, penaltyMicro: penalty };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
