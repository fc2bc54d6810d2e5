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
  const reward = (strategy: BidStrategy, day: number) =>
    playDay(prosumers, { strategy, hour, position, day });
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

/** The best of all prices that a learner can choose, and what it brings. */
export function bestResponse(game: LearningGame): { readonly part: number; readonly reward: number } {
  const tried = Array.from({ length: ACTIONS }, (_, action) => {
    const part = action / (ACTIONS - 1);
    return { part, reward: game.meanReward(bidFixedPart(part)) };
  });
  return tried.reduce((best, each) => (each.reward > best.reward ? each : best));
}

/**
 * Episodes after which the best action of a learner brings so much of the best response, and does so at each later look too; null when it never does.
 *
 * @param every episodes between two looks
 */
export function episodesToReach(
  game: LearningGame,
  {
    share,
    seed,
    episodes,
    every,
  }: { readonly share: number; readonly seed: number; readonly episodes: number; readonly every: number },
): number | null {
  const wanted = share * bestResponse(game).reward;
  const bidder = createLearningBidder({ seed });
  let since: number | null = null;
  for (let episode = 1; episode <= episodes; episode += 1) {
    game.play(bidder, episode);
    if (episode % every !== 0) continue;
    const reached = game.meanReward(bidder.greedy) >= wanted;
    since = reached ? (since ?? episode) : null;
  }
  return since;
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
