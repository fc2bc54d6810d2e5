import type { RetailParts } from "#domains/billing/rules/tariff.ts";
import { type IntervalId, startsAt } from "#kernel/units/interval.ts";
import { seededRandom } from "#kernel/units/random.ts";
import type { CommunitySetup } from "#world/households/communityState.ts";
import type { Attitude, Home } from "#world/households/home.ts";
import { FIRST_HOME } from "./accounts.ts";
import type { Setting } from "./setting.ts";

/**
 * A community of homes with a pool, the rules of its market area, and the time it is simulated over. The same scenario gives the
 * same trace. Its seed is that of attitudes, clouds and loads.
 *
 * @property retailParts what the supplier's price is made of besides energy; null when it is not known
 * @property intervals how many a plain run simulates; the series may go on
 * @property isMetered its members have meters and agents of their own: nobody simulates them
 */
export type Scenario = Setting &
  CommunitySetup & {
    readonly kind: "pool";
    readonly retailParts: RetailParts | null;
    readonly intervals: number;
    readonly isMetered?: true;
  };

/** First second of the interval at `index` of a scenario. */
export function intervalStartsAt(scenario: Scenario, index: number): number {
  return startsAt(scenario.firstIntervalId + index, scenario.intervalSeconds);
}

/** Number of the interval at `index` of a scenario. */
export function intervalIdAt(scenario: Scenario, index: number): IntervalId {
  return scenario.firstIntervalId + index;
}

/** Knuth's multiplicative constant, ⌊2³² / golden ratio⌋: spreads neighbouring homes over all seeds. */
const SEED_STRIDE = 0x9e3779b9;

/** The seed of a home, so that another home more or less changes nothing for it. */
export function homeSeed(seed: number, position: number): number {
  return (Math.imul(position + 1, SEED_STRIDE) ^ seed) >>> 0;
}

/** A trading attitude drawn from the home's seed: no two homes quite alike. */
function drawAttitude(seed: number): Attitude {
  const random = seededRandom(seed);
  return {
    reach: 0.6 + 0.35 * random(),
    adaptation: 0.1 + 0.25 * random(),
    reserveShare: 0.3 + 0.3 * random(),
  };
}

/** Numbers homes in the order given, after the area's parties, and draws the attitudes that are not given. */
export function numberHomes(
  homes: readonly (Omit<Home, "member" | "attitude"> & { readonly attitude?: Partial<Attitude> })[],
  { seed }: { readonly seed: number },
): readonly Home[] {
  return homes.map((home, position) => ({
    ...home,
    member: FIRST_HOME + position,
    attitude: { ...drawAttitude(homeSeed(seed, position)), ...home.attitude },
  }));
}
