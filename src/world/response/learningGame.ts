import type { SlotTerms } from "#domains/response/rules/slotBid.ts";
import { optimalDemandWh } from "#domains/response/rules/utility.ts";
import { seededRandom } from "#kernel/units/random.ts";
import {
  type BidStrategy,
  type BidView,
  bidFixedPart,
  createLearningBidder,
  TRUTHFUL,
} from "./bidStrategy.ts";
import { drawDay, drawProsumers, type Prosumer, type ProsumerSlot } from "./drawProsumers.ts";
import { type PrivateBid, rewardOf, runSlot } from "./runSlot.ts";
import { TWO_STAGE_CASE } from "./twoStageCase.ts";

/**
 * One hour of the day, again and again: a prosumer tries strategies against neighbours who bid honestly. What a strategy brings is compared
 * over the same days.
 *
 * @property meanReward of a strategy over the days that are tested, on the scale of `rewardOf`
 * @property play one day that is not tested, with learning
 */
export type LearningGame = {
  meanReward(strategy: BidStrategy): number;
  play(strategy: BidStrategy, day: number): void;
};

/** Steps of the price range that enumeration tries: those that a learner can choose. */
const ACTIONS = 11;
const TESTED_DAYS = 60;
/** Part of the episodes in which a learner explores less and less. */
const EXPLORED_SHARE = 0.75;
const UPSTREAM = { meanMicroPerKwh: 60_000, spreadMicroPerKwh: 20_000 } as const;
const EXPECTED_MICRO_PER_KWH = 40_000;
/** Days that are learned from are never those that are tested. */
const LEARNED_FROM = 1_000_000;

/** @param position of the prosumer that tries, in the list of the case's prosumers */
export function createLearningGame({
  seed,
  hour,
  position,
}: {
  readonly seed: number;
  readonly hour: number;
  readonly position: number;
}): LearningGame {
  const prosumers = drawProsumers(seededRandom(seed));
  const drawn = new Map<number, DrawnHour>();
  const hourOf = (day: number) => {
    const known = drawn.get(day) ?? drawHour(prosumers, { hour, position, day });
    if (day < TESTED_DAYS) drawn.set(day, known);
    return known;
  };
  const reward = (strategy: BidStrategy, day: number) =>
    playHour(hourOf(day), { prosumers, strategy, position });
  return {
    meanReward(strategy) {
      let sum = 0;
      for (let day = 0; day < TESTED_DAYS; day += 1) sum += reward({ price: strategy.price }, day);
      return sum / TESTED_DAYS;
    },
    play: (strategy, day) => {
      reward(strategy, LEARNED_FROM + day);
    },
  };
}

/** What the prices that a learner can choose bring: the best of them, which is the best response, and the worst. */
export function tryAllPrices(game: LearningGame): { readonly best: number; readonly worst: number } {
  const rewards = Array.from({ length: ACTIONS }, (_, action) =>
    game.meanReward(bidFixedPart(action / (ACTIONS - 1))),
  );
  return { best: Math.max(...rewards), worst: Math.min(...rewards) };
}

/**
 * A learner at work: `since` which episode what it would bid brings at least `wanted` at each look, null when it does not in the end, and the `reward` of
 * what it would bid then.
 *
 * @param every episodes between two looks
 */
export function episodesToReach(
  game: LearningGame,
  {
    wanted,
    seed,
    episodes,
    every,
  }: { readonly wanted: number; readonly seed: number; readonly episodes: number; readonly every: number },
): { readonly since: number | null; readonly reward: number } {
  const bidder = createLearningBidder({ seed, exploredSteps: Math.round(EXPLORED_SHARE * episodes) });
  let since: number | null = null;
  let reward = 0;
  for (let episode = 1; episode <= episodes; episode += 1) {
    game.play(bidder, episode);
    if (episode % every !== 0) continue;
    reward = game.meanReward(bidder.greedy);
    since = reward >= wanted ? (since ?? episode) : null;
  }
  return { since, reward };
}

/** The hour of one day as each prosumer sees it. */
type DrawnHour = { readonly terms: SlotTerms; readonly views: readonly BidView[] };

function drawHour(
  prosumers: readonly Prosumer[],
  { hour, position, day }: { readonly hour: number; readonly position: number; readonly day: number },
): DrawnHour {
  const random = seededRandom(day);
  const slots = drawDay(prosumers, random)[hour] as readonly ProsumerSlot[];
  const { feedInMicroPerKwh } = TWO_STAGE_CASE;
  const upstreamMicroPerKwh = Math.round(
    UPSTREAM.meanMicroPerKwh + UPSTREAM.spreadMicroPerKwh * (2 * random() - 1),
  );
  const terms = { upstreamMicroPerKwh, feedInMicroPerKwh, alphaPermille: 1_200 };
  const views = slots.map(({ utility, capacityWh }, i): BidView => {
    // Neighbours expect different prices, and bid accordingly.
    const expected = EXPECTED_MICRO_PER_KWH + (i === position ? 0 : Math.round(15_000 * (2 * random() - 1)));
    return { hour, terms, utility, demandWh: optimalDemandWh(utility, expected), capacityWh };
  });
  return { terms, views };
}

function playHour(
  { terms, views }: DrawnHour,
  {
    prosumers,
    strategy,
    position,
  }: { readonly prosumers: readonly Prosumer[]; readonly strategy: BidStrategy; readonly position: number },
): number {
  const bids = views.map((view, i): PrivateBid => {
    const priceMicroPerKwh = (i === position ? strategy : TRUTHFUL).price(view);
    const bid = { member: i + 1, demandWh: view.demandWh, capacityWh: view.capacityWh, priceMicroPerKwh };
    return { bid, utility: view.utility, takesPart: (prosumers[i] as Prosumer).takesPart };
  });
  const { profitMicro } = runSlot(bids, { terms, shiftedShare: TWO_STAGE_CASE.shiftedShare });
  const reward = rewardOf(bids[position] as PrivateBid, profitMicro[position] as number, terms);
  strategy.learn?.(views[position] as BidView, reward);
  return reward;
}
