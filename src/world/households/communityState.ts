import type { Tariff } from "#domains/billing/rules/tariff.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { type BatteryBank, createBatteryBank } from "./batteryBank.ts";
import type { PriceRange } from "./bidding.ts";
import { learnError } from "./caution.ts";
import { createExperience, type Experience } from "./experience.ts";
import type { Home } from "./home.ts";
import { type BidChoice, createLearners, gainOf, type HomeLearner } from "./learners.ts";
import { createPriceMemory, type PriceMemory } from "./priceMemory.ts";
import { createForecaster, type Forecaster, type LoadAndPv } from "./sameTimeForecast.ts";
import { createEnergyRow, type EnergyRow, type EnergySeries } from "./series.ts";

const SECONDS_PER_DAY = 86_400;

/**
 * What a community is made of.
 *
 * @property seed of the homes that learn their prices
 * @property forecast `learned` expects from readings alone; `perfect` knows the interval itself, for studies without
 *   forecast errors (R3.11)
 */
export type CommunitySetup = {
  readonly seed: number;
  readonly firstIntervalId: IntervalId;
  readonly intervalSeconds: number;
  readonly terms: AreaTerms;
  readonly homes: readonly Home[];
  readonly series: EnergySeries;
  readonly tariff: Tariff;
  readonly forecast: "learned" | "perfect";
};

/** What happened in an interval, kept until the gate of a later one may know it. */
export type Outcome = LoadAndPv & {
  readonly quality: Uint8Array;
  readonly wantedWh: Float64Array;
  readonly tradedWh: Float64Array;
  readonly paid: Float64Array;
  readonly choices: (BidChoice | null)[];
  readonly storedWh: Float64Array;
  readonly movedWh: Float64Array;
  readonly expectedSurplusWh: Float64Array;
  priceMicroPerKwh: number;
  demandExceedsSupply: boolean;
};

export type CommunityState = {
  readonly lag: number;
  readonly slotsPerDay: number;
  readonly forecaster: Forecaster;
  readonly batteries: BatteryBank;
  readonly prices: PriceMemory;
  readonly experience: Experience;
  readonly learners: readonly (HomeLearner | null)[];
  readonly outcomes: readonly Outcome[];
  readonly expected: EnergyRow;
  readonly knownStoredWh: Float64Array;
  readonly usualErrorWh: Float64Array;
  quoted: number;
  delivered: number;
  absorbed: number;
};

/** A community's memory before its first interval. */
export function createState(setup: CommunitySetup): CommunityState {
  const { homes, terms, intervalSeconds, tariff } = setup;
  // A reading that ends with the gate comes too late for an order before it.
  const lag = 2 + Math.floor(terms.gateClosureSeconds / intervalSeconds);
  const slotsPerDay = Math.round(SECONDS_PER_DAY / intervalSeconds);
  const range = priceRange(setup, tariff, 0);
  const batteries = createBatteryBank(homes, intervalSeconds);
  return {
    lag,
    slotsPerDay,
    forecaster: createForecaster({ homes: homes.length, slotsPerDay }),
    batteries,
    prices: createPriceMemory(slotsPerDay, (range.lowestMicroPerKwh + range.highestMicroPerKwh) / 2),
    experience: createExperience(homes),
    learners: createLearners(homes, setup.seed),
    outcomes: Array.from({ length: lag + 1 }, () => createOutcome(homes.length)),
    expected: createEnergyRow(homes.length),
    knownStoredWh: batteries.storedWh.slice(),
    usualErrorWh: new Float64Array(homes.length),
    quoted: 0,
    delivered: 0,
    absorbed: 0,
  };
}

function createOutcome(homes: number): Outcome {
  return {
    ...createEnergyRow(homes),
    wantedWh: new Float64Array(homes),
    tradedWh: new Float64Array(homes),
    paid: new Float64Array(homes),
    choices: Array.from({ length: homes }, () => null),
    storedWh: new Float64Array(homes),
    movedWh: new Float64Array(homes),
    expectedSurplusWh: new Float64Array(homes),
    priceMicroPerKwh: 0,
    demandExceedsSupply: false,
  };
}

/** The place of an interval's outcome; it is reused once the interval has been absorbed. */
export function outcomeOf(state: CommunityState, index: number): Outcome {
  return state.outcomes[index % state.outcomes.length] as Outcome;
}

/** A local buyer pays the grid fee on top, so the fee is taken off the retail price. */
export function priceRange(setup: CommunitySetup, tariff: Tariff, index: number): PriceRange {
  const { feedInMicroPerKwh, retailMicroPerKwh } = tariff.at(index);
  return {
    lowestMicroPerKwh: feedInMicroPerKwh,
    highestMicroPerKwh: retailMicroPerKwh - Number(setup.terms.gridFeeMicroPerKwh),
  };
}

/** Lets the homes learn from an interval that has become known. */
export function absorb(setup: CommunitySetup, state: CommunityState, index: number): void {
  const outcome = outcomeOf(state, index);
  state.forecaster.observe(index, outcome);
  state.experience.learn(outcome.wantedWh, outcome.tradedWh);
  state.knownStoredWh.set(outcome.storedWh);
  for (let home = 0; home < setup.homes.length; home += 1) {
    const actualWh = valueAt(outcome.pvWh, home) - valueAt(outcome.loadWh, home);
    const expectedWh = valueAt(outcome.expectedSurplusWh, home);
    state.usualErrorWh[home] = learnError(valueAt(state.usualErrorWh, home), expectedWh, actualWh);
  }
  const range = priceRange(setup, setup.tariff, index);
  learnFrom(state, outcome, range);
  const untraded = outcome.demandExceedsSupply ? range.highestMicroPerKwh : range.lowestMicroPerKwh;
  state.prices.learn(
    index % state.slotsPerDay,
    Number.isNaN(outcome.priceMicroPerKwh) ? untraded : outcome.priceMicroPerKwh,
  );
  state.absorbed += 1;
}

/** Lets the homes that learn their prices know what the order that they chose one for brought them. */
function learnFrom({ learners }: CommunityState, outcome: Outcome, range: PriceRange): void {
  for (const [home, learner] of learners.entries()) {
    const choice = outcome.choices[home] ?? null;
    const wantedWh = valueAt(outcome.wantedWh, home);
    if (learner === null || choice === null || wantedWh === 0) continue;
    // In a dear hour a battery may have sold where its home was to buy.
    if (wantedWh > 0 !== (choice.side === "buying")) continue;
    const traded = { tradedWh: valueAt(outcome.tradedWh, home), paid: valueAt(outcome.paid, home) };
    learner.learn(choice, gainOf(range, { wantedWh, ...traded }));
  }
}

/** An element that the number of homes guarantees. */
export function valueAt(values: Float64Array | Uint8Array, home: number): number {
  return values[home] as number;
}
