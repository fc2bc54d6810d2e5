import type { HomeFlow } from "#domains/metering/flows.ts";
import type { ReadingQuality } from "#domains/metering/rules/meterReading.ts";
import { settlementPrices } from "#domains/pool/rules/area.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import type { Position } from "#domains/pool/rules/settlement.ts";
import { assert } from "#kernel/units/assert.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import type { PriceRange } from "./bidding.ts";
import { cautiousSurplus, tradingQuantiles } from "./caution.ts";
import {
  absorb,
  type CommunitySetup,
  type CommunityState,
  createState,
  type Outcome,
  outcomeOf,
  priceRange,
  valueAt,
} from "./communityState.ts";
import { readTrades } from "./experience.ts";
import type { Battery, Home } from "./home.ts";
import { type BidChoice, givenUp } from "./learners.ts";
import type { PriceExtremes } from "./priceMemory.ts";
import { type HomeView, quoteHome } from "./quoteHome.ts";
import { SERIES_QUALITIES } from "./series.ts";

/** What the meter of a home registered over an interval, whole Wh ≥ 0; one of the two is zero. */
export type MeterReadingValue = {
  readonly member: number;
  readonly importWh: number;
  readonly exportWh: number;
  readonly quality: ReadingQuality;
};

/**
 * The homes of a community in motion: what they know, what they have stored. Deterministic: the same setup and the same
 * positions give the same orders and readings (R5.9).
 */
export type Community = {
  /**
   * Orders of all homes for an interval, from what is known at its gate closure. Called once for each interval, in
   * order; deliveries that end before that gate must have been made.
   */
  quote(intervalId: IntervalId): Order<number>[];
  /** The physical interval after its clearing: each home's reading. Called once for each interval, after its quote. */
  deliver(intervalId: IntervalId, positions: ReadonlyMap<number, Position>): MeterReadingValue[];
  /** What the homes' own sub-meters say of the interval that was delivered last; none before the first. */
  flows(): HomeFlow[];
};

/** A community at the first second of its first interval. */
export function createCommunity(setup: CommunitySetup): Community {
  const state = createState(setup);
  return {
    quote(intervalId) {
      const index = intervalId - setup.firstIntervalId;
      assert(index === state.quoted, `interval ${intervalId} is quoted out of order`);
      state.quoted += 1;
      while (state.absorbed < state.delivered && state.absorbed <= index - state.lag)
        absorb(setup, state, state.absorbed);
      assert(
        state.absorbed > index - state.lag,
        `interval ${intervalId} is quoted before what its gate knows`,
      );
      return quoteInterval(setup, state, index);
    },
    deliver(intervalId, positions) {
      const index = intervalId - setup.firstIntervalId;
      assert(
        index === state.delivered && index < state.quoted,
        `interval ${intervalId} is delivered out of order`,
      );
      state.delivered += 1;
      return deliverInterval(setup, state, index, positions);
    },
    flows: () => (state.delivered === 0 ? [] : flowsOf(setup, outcomeOf(state, state.delivered - 1))),
  };
}

function quoteInterval(setup: CommunitySetup, state: CommunityState, index: number): Order<number>[] {
  const { homes, terms } = setup;
  const outcome = outcomeOf(state, index);
  outcome.wantedWh.fill(0);
  outcome.expectedSurplusWh.fill(0);
  outcome.choices.fill(null);
  const range = priceRange(setup, setup.tariff, index);
  const isKnown = setup.forecast === "perfect" || state.absorbed > 0;
  if (!isKnown || range.highestMicroPerKwh < range.lowestMicroPerKwh) return [];
  if (setup.forecast === "perfect") setup.series.read(index, state.expected);
  else state.forecaster.forecast(index, state.expected);

  const orders: Order<number>[] = [];
  const extremes = state.prices.extremes();
  let balanceWh = 0;
  const expectedPrice = state.prices.expected(index % state.slotsPerDay);
  const view = createView(range, Number(terms.gridFeeMicroPerKwh), expectedPrice);
  const shortfall = settlementPrices(terms, {
    localPriceMicroPerKwh: BigInt(Math.round(expectedPrice)),
    isSupplied: true,
  }).shortfallMicroPerKwh;
  const quantiles = tradingQuantiles(range, expectedPrice, Number(shortfall));
  for (let position = 0; position < homes.length; position += 1) {
    const home = homes[position] as Home;
    const surplusWh = valueAt(state.expected.pvWh, position) - valueAt(state.expected.loadWh, position);
    // A battery takes up what the forecast misses, so only homes without one are cautious.
    const errorWh = home.battery === null ? valueAt(state.usualErrorWh, position) : 0;
    view.surplusWh = cautiousSurplus(surplusWh, errorWh, quantiles);
    outcome.expectedSurplusWh[position] = surplusWh;
    lookAt(state, home, position, view, extremes);
    outcome.choices[position] = choosePrice(state, view, { position, index });
    const wantedWh = quoteHome(view, orders);
    outcome.wantedWh[position] = wantedWh;
    balanceWh += wantedWh;
  }
  outcome.demandExceedsSupply = balanceWh > 0;
  return orders;
}

type WorkingView = { -readonly [Key in keyof HomeView]: HomeView[Key] };

/** One view is filled for home after home: a thousand homes and a year of intervals would else make 35 million. */
function createView(
  range: PriceRange,
  gridFeeMicroPerKwh: number,
  expectedPriceMicroPerKwh: number,
): WorkingView {
  return {
    member: 0,
    range,
    gridFeeMicroPerKwh,
    reach: 0,
    buyingExperience: 0,
    sellingExperience: 0,
    expectedPriceMicroPerKwh,
    surplusWh: 0,
    chargeableWh: 0,
    dischargeableWh: 0,
    sellableWh: 0,
    storageValueMicroPerKwh: 0,
    releaseCostMicroPerKwh: 0,
  };
}

function lookAt(
  state: CommunityState,
  home: Home,
  position: number,
  view: WorkingView,
  extremes: PriceExtremes,
): void {
  view.member = home.member;
  view.reach = home.attitude.reach;
  view.buyingExperience = valueAt(state.experience.buying, position);
  view.sellingExperience = valueAt(state.experience.selling, position);
  view.chargeableWh = 0;
  view.dischargeableWh = 0;
  view.sellableWh = 0;
  if (home.battery !== null) lookAtBattery(state, home, home.battery, position, view, extremes);
}

/** A home that learns gives up the part of the range that it chose, whatever its experience. */
function choosePrice(
  state: CommunityState,
  view: WorkingView,
  { position, index }: { readonly position: number; readonly index: number },
): BidChoice | null {
  const learner = state.learners[position] ?? null;
  if (learner === null) return null;
  const choice = learner.choose(view.surplusWh > 0 ? "selling" : "buying", {
    dayPart: (index % state.slotsPerDay) / state.slotsPerDay,
    expectedMicroPerKwh: view.expectedPriceMicroPerKwh,
    range: view.range,
  });
  view.reach = givenUp(choice);
  view.buyingExperience = 1;
  view.sellingExperience = 1;
  return choice;
}

/** The battery as its home sees it: room, energy, and what they are worth (`docs/model/bidding.md`, equations 7–8). */
function lookAtBattery(
  state: CommunityState,
  { attitude }: Home,
  battery: Battery,
  position: number,
  view: WorkingView,
  { highMicroPerKwh, lowMicroPerKwh }: PriceExtremes,
): void {
  const { roundTripEfficiency, wearMicroPerKwh, capacityWh } = battery;
  const storedWh = valueAt(state.knownStoredWh, position);
  const aboveReserveWh = Math.max(0, storedWh - attitude.reserveShare * capacityWh);
  view.chargeableWh = state.batteries.chargeableWh(position, storedWh);
  view.dischargeableWh = state.batteries.dischargeableWh(position, storedWh);
  view.sellableWh = Math.floor(aboveReserveWh * valueAt(state.batteries.wayEfficiency, position));
  view.storageValueMicroPerKwh = highMicroPerKwh * roundTripEfficiency - wearMicroPerKwh;
  view.releaseCostMicroPerKwh = Math.max(
    lowMicroPerKwh / roundTripEfficiency + wearMicroPerKwh,
    highMicroPerKwh,
  );
}

/** Load, PV and trades meet: the battery takes up the deviation first (R5.8), the meter registers the rest. */
function deliverInterval(
  setup: CommunitySetup,
  state: CommunityState,
  index: number,
  positions: ReadonlyMap<number, Position>,
): MeterReadingValue[] {
  const outcome = outcomeOf(state, index);
  setup.series.read(index, outcome);
  const { meanPriceMicroPerKwh } = readTrades(setup.homes, positions, outcome);
  outcome.priceMicroPerKwh = meanPriceMicroPerKwh ?? Number.NaN;
  const readings = setup.homes.map((home, position) => {
    const netLoadWh = valueAt(outcome.loadWh, position) - valueAt(outcome.pvWh, position);
    const deviationWh = netLoadWh - valueAt(outcome.tradedWh, position);
    const movedWh = home.battery === null ? 0 : state.batteries.move(position, -deviationWh);
    outcome.movedWh[position] = movedWh;
    const meterWh = netLoadWh + movedWh;
    return {
      member: home.member,
      importWh: Math.max(meterWh, 0),
      exportWh: Math.max(-meterWh, 0),
      quality: SERIES_QUALITIES[valueAt(outcome.quality, position)] ?? "measured",
    };
  });
  outcome.storedWh.set(state.batteries.storedWh);
  return readings;
}

function flowsOf({ homes }: CommunitySetup, { loadWh, pvWh, movedWh, storedWh }: Outcome): HomeFlow[] {
  return homes.map(({ member }, position) => ({
    member,
    loadWh: valueAt(loadWh, position),
    pvWh: valueAt(pvWh, position),
    movedWh: valueAt(movedWh, position),
    storedWh: Math.round(valueAt(storedWh, position)),
  }));
}
