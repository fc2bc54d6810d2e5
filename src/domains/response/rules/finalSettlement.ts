import { largerOf, smallerOf } from "#kernel/units/extremes.ts";
import { divideRoundingDown, divideRoundingUp } from "#kernel/units/rounding.ts";
import { sumOf } from "#kernel/units/sums.ts";
import { shareInOrder } from "./shareInOrder.ts";

const WH_PER_KWH = 1_000n;

/**
 * What a prosumer brings into the final settlement, whole Wh: d, ρ and d^new.
 *
 * @property baselineWh what its past use lets expect; demand beyond it counts for no DR, so that nobody is paid for giving up what it only said it wanted. Without one the demand itself
 *   counts, as in the source
 */
export type Commitment = {
  readonly member: number;
  readonly demandWh: bigint;
  readonly capacityWh: bigint;
  readonly newDemandWh: bigint;
  readonly baselineWh?: bigint;
};

/** The prices of a slot, fixed since the first settlement, micro per kWh. */
export type SlotPrices = {
  readonly priceMicroPerKwh: bigint;
  readonly drMicroPerKwh: bigint;
  readonly upstreamMicroPerKwh: bigint;
};

/**
 * What a prosumer gets and owes. Energies in Wh, money in micro.
 *
 * @property drWh d^DR′, accepted
 * @property servedWh d − d^DR′
 * @property soldWh ρ′, of its generation
 * @property costMicro for what it is served, local energy and import at their mean price; rounded up
 * @property earnedMicro for what it sells, at π; rounded down
 * @property rewardMicro for d^DR′, at π^DR; rounded down
 */
export type SettledProsumer = {
  readonly member: number;
  readonly drWh: bigint;
  readonly servedWh: bigint;
  readonly soldWh: bigint;
  readonly costMicro: bigint;
  readonly earnedMicro: bigint;
  readonly rewardMicro: bigint;
};

/**
 * A slot that is settled. Σ served = local + import, and Σ cost + Σ reward from the fund = Σ earned + Σ reward + upstream + remainder.
 *
 * @property importWh m, bought upstream (R7.18)
 * @property upstreamMicro what upstream gets for it; rounded down
 * @property fundMicro what the operator's DR fund pays (AMB-29)
 * @property remainderMicro ≥ 0: what rounding left, for the community fund
 */
export type FinalSettlement = {
  readonly prosumers: readonly SettledProsumer[];
  readonly drWh: bigint;
  readonly servedWh: bigint;
  readonly localWh: bigint;
  readonly importWh: bigint;
  readonly upstreamMicro: bigint;
  readonly fundMicro: bigint;
  readonly remainderMicro: bigint;
};

/**
 * The final settlement in closed form (E7.6): demand response covers the deficit of the first stage and no more, all that stays of the
 * demand is served, local generation first, and the rest is imported at π_market. What is accepted of DR and of generation is pro
 * rata; each kWh served costs the mean of local energy and import.
 */
export function settleFinally(commitments: readonly Commitment[], prices: SlotPrices): FinalSettlement {
  const energy = settleEnergy(commitments);
  const prosumers = settleMoney(commitments, energy, prices);
  const sum = (of: (each: SettledProsumer) => bigint) =>
    prosumers.reduce((total, each) => total + of(each), 0n);
  const upstreamMicro = divideRoundingDown(energy.importWh * prices.upstreamMicroPerKwh, WH_PER_KWH);
  return {
    prosumers,
    drWh: energy.acceptedWh,
    servedWh: energy.servedSumWh,
    localWh: energy.localWh,
    importWh: energy.importWh,
    upstreamMicro,
    fundMicro: sum(({ rewardMicro }) => rewardMicro),
    remainderMicro: sum(({ costMicro, earnedMicro }) => costMicro - earnedMicro) - upstreamMicro,
  };
}

/** What a prosumer pays, or gets where it is negative, micro. */
export function paymentMicro({ costMicro, earnedMicro, rewardMicro }: SettledProsumer): bigint {
  return costMicro - earnedMicro - rewardMicro;
}

type SlotEnergy = {
  readonly acceptedWh: bigint;
  readonly drWh: readonly bigint[];
  readonly servedWh: readonly bigint[];
  readonly soldWh: readonly bigint[];
  readonly servedSumWh: bigint;
  readonly localWh: bigint;
  readonly importWh: bigint;
};

function settleEnergy(commitments: readonly Commitment[]): SlotEnergy {
  const countedWh = commitments.map(({ demandWh, baselineWh = demandWh }) => smallerOf(demandWh, baselineWh));
  const offeredDrWh = commitments.map(({ newDemandWh }, i) =>
    largerOf(0n, (countedWh[i] as bigint) - newDemandWh),
  );
  const capacitySumWh = sumOf(commitments.map(({ capacityWh }) => capacityWh));
  const deficitWh = largerOf(0n, sumOf(countedWh) - capacitySumWh);
  const acceptedWh = smallerOf(sumOf(offeredDrWh), deficitWh);
  const drWh = shareInOrder(acceptedWh, offeredDrWh);
  const servedWh = commitments.map(({ demandWh }, i) => demandWh - (drWh[i] as bigint));
  const servedSumWh = sumOf(servedWh);
  const localWh = smallerOf(servedSumWh, capacitySumWh);
  return {
    acceptedWh,
    drWh,
    servedWh,
    soldWh: shareInOrder(
      localWh,
      commitments.map(({ capacityWh }) => capacityWh),
    ),
    servedSumWh,
    localWh,
    importWh: servedSumWh - localWh,
  };
}

function settleMoney(
  commitments: readonly Commitment[],
  energy: SlotEnergy,
  { priceMicroPerKwh, drMicroPerKwh, upstreamMicroPerKwh }: SlotPrices,
): SettledProsumer[] {
  // Thousandths of a micro for all energy that is served.
  const costOfAll = energy.localWh * priceMicroPerKwh + energy.importWh * upstreamMicroPerKwh;
  return commitments.map(({ member }, i) => {
    const [drWh, servedWh, soldWh] = [energy.drWh[i], energy.servedWh[i], energy.soldWh[i]] as [
      bigint,
      bigint,
      bigint,
    ];
    return {
      member,
      drWh,
      servedWh,
      soldWh,
      costMicro:
        servedWh === 0n ? 0n : divideRoundingUp(costOfAll * servedWh, energy.servedSumWh * WH_PER_KWH),
      earnedMicro: divideRoundingDown(soldWh * priceMicroPerKwh, WH_PER_KWH),
      rewardMicro: divideRoundingDown(drWh * drMicroPerKwh, WH_PER_KWH),
    };
  });
}
