import { alphaPermilleOf } from "#domains/response/rules/drPrice.ts";
import { placeShifted } from "#domains/response/rules/reschedule.ts";
import type { SlotTerms } from "#domains/response/rules/slotBid.ts";
import { optimalDemandWh, withShiftedWh } from "#domains/response/rules/utility.ts";
import { assert } from "#kernel/units/assert.ts";
import { createPriceMemory, type PriceMemory } from "#world/households/priceMemory.ts";
import type { BidStrategy, BidView } from "./bidStrategy.ts";
import { competitivePrice } from "./competitivePrice.ts";
import type { DayDraw, Prosumer, ProsumerSlot } from "./drawProsumers.ts";
import { type PrivateBid, rewardOf, runSlot, type SlotOutcome } from "./runSlot.ts";
import { TWO_STAGE_CASE } from "./twoStageCase.ts";

/** Mean demand of a home in an hour, Wh: the room for shifted energy is a share of it. */
export const MEAN_DEMAND_WH = 500;

/** A day to run: weather and habits, and upstream's price hour by hour. */
export type Day = { readonly draw: DayDraw; readonly upstreamMicroPerKwh: readonly number[] };

/**
 * A slot as it went.
 *
 * @property demandWh what was asked for in the first stage, with what came from other slots
 * @property shiftedInWh of it: energy that earlier slots gave up
 * @property fixedWh of it: the demand of those who do not answer
 * @property competitiveMicroPerKwh the price if nobody had power over it
 * @property loadWh what was used in the end
 */
export type SlotRun = {
  readonly terms: SlotTerms;
  readonly outcome: SlotOutcome;
  readonly demandWh: number;
  readonly shiftedInWh: number;
  readonly fixedWh: number;
  readonly competitiveMicroPerKwh: number;
  readonly loadWh: number;
};

/**
 * A market from day to day: prosumers with their strategies, what they expect prices to be, and energy that is shifted into later slots.
 *
 * @property runDay the 24 slots of the next day
 * @property waitingWh shifted energy that has not reappeared yet
 */
export type TwoStageMarket = {
  runDay(day: Day): SlotRun[];
  expected(hour: number): number;
  waitingWh(): number;
};

/** @param answers whether the prosumers that take part answer in the second stage at all */
export function createTwoStageMarket({
  prosumers,
  strategies,
  answers,
}: {
  readonly prosumers: readonly Prosumer[];
  readonly strategies: readonly BidStrategy[];
  readonly answers: boolean;
}): TwoStageMarket {
  const { hoursADay, referenceMicroPerKwh } = TWO_STAGE_CASE;
  assert(strategies.length === prosumers.length, "a prosumer has no strategy");
  const memory = createPriceMemory(hoursADay, referenceMicroPerKwh);
  const coming: number[][] = prosumers.map(() => []);
  const market = { prosumers, strategies, answers, memory, coming };
  return {
    runDay: ({ draw, upstreamMicroPerKwh }) =>
      draw.map((slots, hour) =>
        runHour(market, { hour, slots, upstreamMicroPerKwh: upstreamMicroPerKwh[hour] as number }),
      ),
    expected: (hour) => memory.expected(hour),
    waitingWh: () => coming.flat().reduce((sum, energyWh) => sum + energyWh, 0),
  };
}

type MarketState = {
  readonly prosumers: readonly Prosumer[];
  readonly strategies: readonly BidStrategy[];
  readonly answers: boolean;
  readonly memory: PriceMemory;
  /** Energy that comes back, by prosumer and hours from the next slot on. */
  readonly coming: number[][];
};

type Hour = {
  readonly hour: number;
  readonly slots: readonly ProsumerSlot[];
  readonly upstreamMicroPerKwh: number;
};

function runHour(market: MarketState, { hour, slots, upstreamMicroPerKwh }: Hour): SlotRun {
  const { memory, coming, prosumers, strategies, answers } = market;
  const { feedInMicroPerKwh, mostAlphaPermille, shiftedShare } = TWO_STAGE_CASE;
  const expectedMicroPerKwh = memory.expected(hour);
  const alphaPermille = alphaPermilleOf({
    upstreamMicroPerKwh,
    expectedMicroPerKwh,
    mostPermille: mostAlphaPermille,
  });
  const terms = { upstreamMicroPerKwh, feedInMicroPerKwh, alphaPermille };
  const cameWh = coming.map((later) => later.shift() ?? 0);
  const views = slots.map((slot, i) =>
    viewOf(slot, { hour, terms, expectedMicroPerKwh, shiftedWh: cameWh[i] as number }),
  );
  const bids = views.map((view, i): PrivateBid => {
    const { member, takesPart } = prosumers[i] as Prosumer;
    const priceMicroPerKwh = (strategies[i] as BidStrategy).price(view);
    const bid = { member, demandWh: view.demandWh, capacityWh: view.capacityWh, priceMicroPerKwh };
    return { bid, utility: view.utility, takesPart: takesPart && answers };
  });
  const outcome = runSlot(bids, { terms, shiftedShare });
  for (const [i, strategy] of strategies.entries())
    strategy.learn?.(
      views[i] as BidView,
      rewardOf(bids[i] as PrivateBid, outcome.profitMicro[i] as number, terms),
    );
  memory.learn(hour, outcome.first.priceMicroPerKwh);
  shiftAway(market, hour, outcome);
  return {
    terms,
    outcome,
    demandWh: outcome.first.demandWh,
    shiftedInWh: cameWh.reduce((sum, energyWh) => sum + energyWh, 0),
    fixedWh: bids.reduce((sum, { bid, takesPart }) => sum + (takesPart ? 0 : bid.demandWh), 0),
    competitiveMicroPerKwh: competitivePrice(
      views.map(({ utility }) => utility),
      outcome.first.capacityWh,
      terms,
    ),
    loadWh: Number(outcome.final.servedWh),
  };
}

function viewOf(
  { utility, capacityWh }: ProsumerSlot,
  {
    hour,
    terms,
    expectedMicroPerKwh,
    shiftedWh,
  }: {
    readonly hour: number;
    readonly terms: SlotTerms;
    readonly expectedMicroPerKwh: number;
    readonly shiftedWh: number;
  },
): BidView {
  const own = withShiftedWh(utility, shiftedWh);
  return { hour, terms, utility: own, demandWh: optimalDemandWh(own, expectedMicroPerKwh), capacityWh };
}

/** What was accepted as DR and is no more than postponed goes to the cheapest of the coming hours, as far as each has room. */
function shiftAway({ coming, memory, prosumers }: MarketState, hour: number, { final }: SlotOutcome): void {
  const { shiftedShare, shiftHours, shiftRoom, hoursADay } = TWO_STAGE_CASE;
  for (const [i, { drWh }] of final.prosumers.entries()) {
    const shiftedWh = Math.round(Number(drWh) * shiftedShare);
    if (shiftedWh === 0) continue;
    const later = coming[i] as number[];
    const roomWh = Math.round(shiftRoom * MEAN_DEMAND_WH * (prosumers[i] as Prosumer).size);
    const slots = Array.from({ length: shiftHours }, (_, ahead) => ({
      expectedMicroPerKwh: memory.expected((hour + 1 + ahead) % hoursADay),
      roomWh: roomWh - (later[ahead] ?? 0),
    }));
    const { placedWh, unplacedWh } = placeShifted(shiftedWh, slots);
    // What has no room anywhere comes at the end of the time that it may wait.
    for (const [ahead, energyWh] of placedWh.entries())
      later[ahead] = (later[ahead] ?? 0) + energyWh + (ahead === shiftHours - 1 ? unplacedWh : 0);
  }
}
