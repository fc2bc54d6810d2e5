import { largerOf, smallerOf } from "#kernel/units/extremes.ts";
import { costRoundingDown, costRoundingUp } from "#kernel/units/money.ts";
import { divideRoundingDown } from "#kernel/units/rounding.ts";
import { sumOf } from "#kernel/units/sums.ts";

const PERMILLE = 1_000n;

/**
 * What was agreed for an event. Rates in micro per kWh ≥ 0.
 *
 * @property direction down: use less; up: use more (R8.45)
 * @property tolerancePermille share of the contracted energy that may be missing without a penalty, thousandths (AMB-21)
 */
export type EventTerms = {
  readonly direction: "down" | "up";
  readonly rewardMicroPerKwh: bigint;
  readonly penaltyMicroPerKwh: bigint;
  readonly tolerancePermille: bigint;
};

/**
 * One interval of a participant's event; Wh ≥ 0.
 *
 * @property meteredWh null when there is no reading: then nothing was delivered
 * @property claimedWh flexibility of the same meter and interval that other programmes have claimed before (R8.51)
 * @property movedWh what linked meters used against the direction beyond their own baselines: load that only moved; null when
 *   it is not known, and then nothing was delivered
 */
export type EventInterval = {
  readonly contractedWh: bigint;
  readonly baselineWh: bigint;
  readonly meteredWh: bigint | null;
  readonly claimedWh: bigint;
  readonly movedWh: bigint | null;
};

/**
 * What an event comes to. Energies in Wh by interval, money in micro.
 *
 * @property deliveredWh deviation from the baseline in the event's direction, without what was moved or claimed before
 * @property paidWh of it, at most the contracted; what this programme claims of the meter
 * @property shortfallWh contracted and not delivered
 * @property rewardMicro from the operator's fund, rounded down
 * @property penaltyMicro to the fund, rounded up
 * @property participantMicro reward − penalty; positive when the participant gets it
 * @property fundMicro what the fund gets; both add up to 0
 */
export type EventSettlement = {
  readonly deliveredWh: readonly bigint[];
  readonly paidWh: readonly bigint[];
  readonly shortfallWh: readonly bigint[];
  readonly rewardMicro: bigint;
  readonly penaltyMicro: bigint;
  readonly participantMicro: bigint;
  readonly fundMicro: bigint;
};

/**
 * Payment of an event by the meter (R8.42, R8.43, AMB-21, AMB-29): reward min(delivered, contracted) × rate, penalty on the rest beyond the
 * tolerance. Each interval counts for itself, so that a surplus in one makes up for no other; money is rounded once.
 */
export function settleEvent(intervals: readonly EventInterval[], terms: EventTerms): EventSettlement {
  const deliveredWh = intervals.map((interval) => deliveredOf(interval, terms));
  const paidWh = intervals.map(({ contractedWh }, i) => smallerOf(deliveredWh[i] ?? 0n, contractedWh));
  const shortfallWh = intervals.map(({ contractedWh }, i) => contractedWh - (paidWh[i] ?? 0n));
  const penalisedWh = intervals.map(({ contractedWh }, i) => {
    const tolerated = divideRoundingDown(contractedWh * terms.tolerancePermille, PERMILLE);
    return largerOf(0n, (shortfallWh[i] ?? 0n) - tolerated);
  });
  const rewardMicro = costRoundingDown({
    energyWh: sumOf(paidWh),
    priceMicroPerKwh: terms.rewardMicroPerKwh,
  });
  const penaltyMicro = costRoundingUp({
    energyWh: sumOf(penalisedWh),
    priceMicroPerKwh: terms.penaltyMicroPerKwh,
  });
  const participantMicro = rewardMicro - penaltyMicro;
  return {
    deliveredWh,
    paidWh,
    shortfallWh,
    rewardMicro,
    penaltyMicro,
    participantMicro,
    fundMicro: -participantMicro,
  };
}

/**
 * What linked meters took over, Wh: meters of the same account or premises, which the operator names at admission. Down: what they used beyond
 * their baselines; up: what they used less. Null where one has no reading, since that would hide what moved.
 */
export function movedTo(
  linked: readonly Pick<EventInterval, "baselineWh" | "meteredWh">[],
  direction: EventTerms["direction"],
): bigint | null {
  if (linked.some(({ meteredWh }) => meteredWh === null)) return null;
  return sumOf(linked.map((meter) => deviation(meter, direction === "down" ? "up" : "down")));
}

/** Never more than the baseline when used less: nobody can save what it would not have used. */
function deliveredOf(interval: EventInterval, { direction }: EventTerms): bigint {
  const { movedWh, claimedWh } = interval;
  if (movedWh === null) return 0n;
  return largerOf(0n, deviation(interval, direction) - movedWh - claimedWh);
}

function deviation(
  { baselineWh, meteredWh }: Pick<EventInterval, "baselineWh" | "meteredWh">,
  direction: EventTerms["direction"],
): bigint {
  if (meteredWh === null) return 0n;
  if (direction === "up") return largerOf(0n, meteredWh - baselineWh);
  return smallerOf(baselineWh, largerOf(0n, baselineWh - meteredWh));
}
