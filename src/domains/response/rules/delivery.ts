import { largerOf, smallerOf } from "#kernel/units/extremes.ts";
import { divideRoundingDown, divideRoundingUp } from "#kernel/units/rounding.ts";
import type { SettledProsumer, SlotPrices } from "./finalSettlement.ts";

const PERMILLE = 1_000n;
const WH_PER_KWH = 1_000n;

/** What the meter of a prosumer says of the slot, whole Wh ≥ 0; null when there is no reading. */
export type Metered = { readonly importWh: bigint; readonly exportWh: bigint } | null;

/**
 * What a prosumer did of what was settled, and what that changes. Energies in Wh, money in micro.
 *
 * @property undeliveredDrWh of the accepted DR; earns nothing, and stays in the fund
 * @property shortfallWh of the generation sold; upstream gave it instead, and is paid for it
 * @property earnedMicro for what was delivered; rounded down
 * @property rewardMicro for the DR that was delivered; rounded down
 * @property penaltyMicro on the shortfall, to upstream's supplier; rounded up
 */
export type Delivery = {
  readonly undeliveredDrWh: bigint;
  readonly shortfallWh: bigint;
  readonly earnedMicro: bigint;
  readonly rewardMicro: bigint;
  readonly penaltyMicro: bigint;
};

/**
 * Payment by the meter (R7.19). A prosumer was to take served − sold; what it took beyond is first DR that it did not deliver, then
 * generation that fell short. Without a reading nothing counts as delivered.
 *
 * @param penaltyPermille k ≥ 1 in thousandths, set by the operator
 */
export function settleDelivery(
  settled: SettledProsumer,
  metered: Metered,
  { prices, penaltyPermille }: { readonly prices: SlotPrices; readonly penaltyPermille: bigint },
): Delivery {
  const { undeliveredDrWh, shortfallWh } = missingWh(settled, metered);
  return {
    undeliveredDrWh,
    shortfallWh,
    earnedMicro: divideRoundingDown((settled.soldWh - shortfallWh) * prices.priceMicroPerKwh, WH_PER_KWH),
    rewardMicro: divideRoundingDown((settled.drWh - undeliveredDrWh) * prices.drMicroPerKwh, WH_PER_KWH),
    penaltyMicro: penaltyMicro(shortfallWh, prices, penaltyPermille),
  };
}

/** Shortfall × max(π, π_market) × k (AMB-16), micro, rounded up; nothing where both prices are negative. */
export function penaltyMicro(
  shortfallWh: bigint,
  { priceMicroPerKwh, upstreamMicroPerKwh }: Pick<SlotPrices, "priceMicroPerKwh" | "upstreamMicroPerKwh">,
  penaltyPermille: bigint,
): bigint {
  const price = largerOf(0n, largerOf(priceMicroPerKwh, upstreamMicroPerKwh));
  return divideRoundingUp(shortfallWh * price * penaltyPermille, PERMILLE * WH_PER_KWH);
}

function missingWh(
  { drWh, servedWh, soldWh }: SettledProsumer,
  metered: Metered,
): Pick<Delivery, "undeliveredDrWh" | "shortfallWh"> {
  if (metered === null) return { undeliveredDrWh: drWh, shortfallWh: largerOf(0n, soldWh - servedWh) };
  const tookMoreWh = largerOf(0n, metered.importWh - metered.exportWh - (servedWh - soldWh));
  const undeliveredDrWh = smallerOf(tookMoreWh, drWh);
  return { undeliveredDrWh, shortfallWh: smallerOf(tookMoreWh - undeliveredDrWh, soldWh) };
}
