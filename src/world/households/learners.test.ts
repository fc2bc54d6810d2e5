import { describe, expect, it } from "vitest";
import { seededRandom } from "#kernel/units/random.ts";
import type { Bidder, Home } from "./home.ts";
import { createLearners, gainOf, givenUp, type HomeLearner } from "./learners.ts";

const RANGE = { lowestMicroPerKwh: 80_000, highestMicroPerKwh: 300_000 };
const WIDTH = RANGE.highestMicroPerKwh - RANGE.lowestMicroPerKwh;
const LEARNED = 900;

const homeOf = (bidder?: Bidder): Home => ({
  id: "home",
  name: "Home",
  member: 4,
  connectionW: 17_250,
  battery: null,
  attitude: { reach: 0.5, adaptation: 0.5, reserveShare: 0.5, ...(bidder === undefined ? {} : { bidder }) },
});

/** The gain of a buyer who gives up a share of the range, against the cheapest of some neighbours who sell. */
function gainOfBuyer(share: number, dayPart: number, random: () => number): number {
  const price = RANGE.highestMicroPerKwh - share * WIDTH;
  // In the first half of the day the sellers want little, in the second half much.
  const asked = RANGE.lowestMicroPerKwh + WIDTH * ((dayPart < 0.5 ? 0.1 : 0.6) + 0.1 * random());
  const tradedWh = price >= asked ? 1_000 : 0;
  return gainOf(RANGE, { wantedWh: 1_000, tradedWh, paid: tradedWh * price });
}

const partAt = (step: number) => (step % 8) / 8;

function train(learner: HomeLearner, isHalfDay: boolean): void {
  const random = seededRandom(5);
  for (let step = 0; step < LEARNED; step += 1) {
    const dayPart = isHalfDay ? 0.25 : partAt(step);
    const choice = learner.choose("buying", { dayPart, expectedMicroPerKwh: 190_000, range: RANGE });
    learner.learn(choice, gainOfBuyer(givenUp(choice), dayPart, random));
  }
}

/** Mean gain over what the learner chooses from then on. */
function meanGain(choose: (dayPart: number) => number, isHalfDay: boolean): number {
  const random = seededRandom(6);
  const gains = Array.from({ length: 400 }, (_, step) => {
    const dayPart = isHalfDay ? 0.25 : partAt(step);
    return gainOfBuyer(choose(dayPart), dayPart, random);
  });
  return gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
}

const shareOf = (learner: HomeLearner) => (dayPart: number) =>
  givenUp(learner.choose("buying", { dayPart, expectedMicroPerKwh: 190_000, range: RANGE }));

describe("homes that learn their prices (R7.6, R7.7)", () => {
  it("are those that chose it", () => {
    const learners = createLearners([homeOf(), homeOf("experience"), homeOf("deepQ")], 1);
    expect(learners.map((learner) => learner !== null)).toEqual([false, false, true]);
  });

  it("gain without a state more than truth and a fixed price, and near what enumeration finds", () => {
    const [learner] = createLearners([homeOf("deepQ")], 1) as [HomeLearner];
    train(learner, true);
    const learned = meanGain(shareOf(learner), true);
    const byEnumeration = Math.max(...Array.from({ length: 11 }, (_, a) => meanGain(() => a / 10, true)));
    expect(learned).toBeGreaterThan(meanGain(() => 0, true));
    expect(learned).toBeGreaterThan(meanGain(() => 0.5, true));
    expect(learned).toBeGreaterThan(0.9 * byEnumeration);
  });

  it("gain with a state more than any one price does", () => {
    const [learner] = createLearners([homeOf("deepQWithState")], 3) as [HomeLearner];
    for (let again = 0; again < 4; again += 1) train(learner, false);
    const best = Math.max(...Array.from({ length: 11 }, (_, a) => meanGain(() => a / 10, false)));
    expect(meanGain(shareOf(learner), false)).toBeGreaterThan(best);
  });

  it("count a gain by the range, for both sides, between 0 and 1", () => {
    expect(gainOf(RANGE, { wantedWh: 1_000, tradedWh: 500, paid: 500 * 80_000 })).toBe(0.5);
    expect(gainOf(RANGE, { wantedWh: -1_000, tradedWh: -1_000, paid: -1_000 * 190_000 })).toBe(0.5);
    expect(gainOf(RANGE, { wantedWh: 1_000, tradedWh: 0, paid: 0 })).toBe(0);
    expect(gainOf({ ...RANGE, highestMicroPerKwh: 80_000 }, { wantedWh: 1, tradedWh: 1, paid: 0 })).toBe(0);
  });
});
