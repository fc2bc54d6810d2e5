import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type LinearSolver, loadLinearSolver } from "#kernel/optimization/linearSolver.ts";
import { seededRandom } from "#kernel/units/random.ts";
import { bidFixedPart, createLearningBidder, TRUTHFUL } from "./bidStrategy.ts";
import { decideCentrally } from "./centralised.ts";
import { competitivePrice } from "./competitivePrice.ts";
import { drawProsumers } from "./drawProsumers.ts";
import { settleGoldenSlot } from "./goldenSlot.ts";
import { createLearningGame, episodesToReach, tryAllPrices } from "./learningGame.ts";
import { runTwoStageCase, type TwoStageRun } from "./runTwoStageCase.ts";
import { TWO_STAGE_CASE } from "./twoStageCase.ts";
import { correlationOf, peakToAverage, reportTwoStage } from "./twoStageReport.ts";
import { createPriceWheel, drawPriceHistory, PriceFileError, readSpotPrices } from "./upstreamPrices.ts";

const RECORDED = join(import.meta.dirname, "../../../../shared/data/prices");

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadLinearSolver();
});

describe("upstream prices (R7.22)", () => {
  it("come up as often as they are in the histogram", () => {
    const prices = [-45, -41, -3, 2, 2, 7, 58, 58, 59, 250].map((price) => price * 1_000);
    const wheel = createPriceWheel(prices, 10_000);
    expect(wheel.fields.map(({ fromMicroPerKwh, part }) => [fromMicroPerKwh, part])).toEqual([
      [-50_000, 0.2],
      [-10_000, 0.1],
      [0, 0.3],
      [50_000, 0.3],
      [250_000, 0.1],
    ]);
    const random = seededRandom(4);
    const spins = 20_000;
    const counts = new Map<number, number>();
    for (let spin = 0; spin < spins; spin += 1) {
      const price = wheel.spin(random);
      counts.set(price, (counts.get(price) ?? 0) + 1);
    }
    for (const { meanMicroPerKwh, part } of wheel.fields) {
      const deviation = Math.sqrt((part * (1 - part)) / spins);
      expect(Math.abs((counts.get(meanMicroPerKwh) ?? 0) / spins - part)).toBeLessThan(4 * deviation);
    }
    expect(counts.size).toBe(wheel.fields.length);
  });

  it("are refused with what is wrong, and where", () => {
    const read = (value: unknown) => () => readSpotPrices(JSON.stringify(value), "prices.json");
    expect(() => readSpotPrices("{", "prices.json")).toThrow(PriceFileError);
    expect(read({})).toThrow("prices.json has no list `5MIN` of prices");
    expect(read({ "5MIN": [{ SETTLEMENTDATE: "2021-10-06T15:00:00", RRP: "12" }] })).toThrow(
      "row 1 has no local time and price in dollars per MWh",
    );
    expect(read({ "5MIN": [{ SETTLEMENTDATE: "2021-10-06T00:00:00", RRP: 12 }] })).toThrow(
      "no price from 1 to 2 o'clock",
    );
  });

  it("are generated without a recording, which is said, and have negative prices too", () => {
    const history = drawPriceHistory(seededRandom(1));
    expect(history).toMatchObject({ isRecorded: false, source: "generated from the seed, no recording" });
    expect(history.byHour.flat().some((price) => price < 0)).toBe(true);
    expect(drawPriceHistory(seededRandom(1))).toEqual(history);
  });

  it.skipIf(!isThere(RECORDED))(
    "are read from the Australian market's file, with all its negative ones",
    () => {
      const [file] = readdirSync(RECORDED).filter((name) => name.endsWith(".json"));
      const history = readSpotPrices(readFileSync(join(RECORDED, file!), "utf8"), file!);
      expect(history.isRecorded).toBe(true);
      expect(history.byHour.flat()).toHaveLength(2_880);
      // The recording has 962; one of them, −0.00004 AUD a MWh, is less than half a micro per kWh.
      expect(history.byHour.flat().filter((price) => price < 0)).toHaveLength(961);
    },
  );
});

describe("a bidder that learns (R7.6, R7.7)", () => {
  const game = createLearningGame({ seed: 2, hour: 7, position: 6 });
  const { best, worst } = tryAllPrices(game);

  it("brings more than honest and than fixed bids, and nearly the best response that enumeration finds", () => {
    const bidder = createLearningBidder({ seed: 9 });
    for (let episode = 1; episode <= 400; episode += 1) game.play(bidder, episode);
    const learned = game.meanReward(bidder.greedy);
    expect(learned).toBeGreaterThan(game.meanReward(TRUTHFUL));
    expect(learned).toBeGreaterThan(game.meanReward(bidFixedPart(0.5)));
    expect(learned).toBeGreaterThan(game.meanReward(bidFixedPart(0)));
    expect(learned).toBeGreaterThan(0.95 * best);
    expect(learned).toBeLessThanOrEqual(best);
    expect(learned).toBeGreaterThan(worst + 0.5 * (best - worst));
  });

  it("gets there within some hundred episodes, and stays", () => {
    const looks = { seed: 9, every: 100 };
    const { since } = episodesToReach(game, { ...looks, wanted: 0.95 * best, episodes: 1_000 });
    expect(since).toBeLessThanOrEqual(700);
    const { since: never } = episodesToReach(game, { ...looks, wanted: 1.5 * best, episodes: 100 });
    expect(never).toBeNull();
  });

  it("may see a state, which changes what it bids from hour to hour", () => {
    const bidder = createLearningBidder({ seed: 9, withState: true });
    for (let episode = 1; episode <= 300; episode += 1) game.play(bidder, episode);
    expect(game.meanReward(bidder.greedy)).toBeGreaterThan(game.meanReward(bidFixedPart(0)));
  });
});

describe("the centralised comparator (R7.21)", () => {
  const utility = { betaMicroPerKwh: 100_000, curvatureMicroPerKwh2: 100_000, leastWh: 100, mostWh: 1_000 };
  const terms = (upstreamMicroPerKwh: number) => ({
    upstreamMicroPerKwh,
    feedInMicroPerKwh: 10_000,
    alphaPermille: 1_000,
  });

  it("uses what is worth more than upstream's price, which is then what a kWh is worth", () => {
    const [slot] = decideCentrally(
      [{ terms: terms(50_000), fixedWh: 200, capacityWh: 0 }],
      [{ utilities: [utility], roomWh: 0 }],
      solver,
    );
    // The curve is worth 50,000 at 500 Wh, and is taken in parts of 150 Wh.
    expect(Math.abs(slot!.loadWh - 200 - 500)).toBeLessThanOrEqual(75);
    expect(slot).toMatchObject({ valueMicroPerKwh: 50_000, paidMicroPerKwh: 50_000 });
    expect(slot!.importWh).toBeCloseTo(slot!.loadWh, 3);
  });

  it("sells a surplus at the feed-in price, and lets energy wait for a cheaper hour", () => {
    const surplus = { terms: terms(50_000), fixedWh: 0, capacityWh: 3_000 };
    const scarce = { terms: terms(90_000), fixedWh: 0, capacityWh: 0 };
    const contracted = [{ utilities: [utility, utility], roomWh: 400 }];
    const [first, later] = decideCentrally([scarce, surplus], contracted, solver);
    expect(later).toMatchObject({ valueMicroPerKwh: 10_000, importWh: 0 });
    expect(later!.loadWh).toBeGreaterThan(1_000);
    expect(first!.loadWh).toBeLessThan(600);
    expect(first!.valueMicroPerKwh).toBe(90_000);
  });
});

describe("the case (R7.21, R7.23)", () => {
  let run: TwoStageRun;
  const seed = 1;
  const history = drawPriceHistory(seededRandom(seed));
  beforeAll(async () => {
    run = runTwoStageCase({ seed, history, solver: await loadLinearSolver(), withState: false });
  }, 300_000);

  it("has the golden example, lower peaks with 60 % of prosumers, prices that go with load, and a gap declared before", () => {
    const report = reportTwoStage({ run, golden: settleGoldenSlot(solver), history, seed, withState: false });
    expect(report.golden).toMatchObject({
      served: 4.5,
      dr: 1.5,
      import: 0.5,
      objective: 27.5,
      literalObjective: 125,
    });
    expect(report.golden.payments.map((each) => each.toFixed(3))).toEqual(["-6.667", "-2.500", "-18.333"]);
    expect(report.participation).toBe(0.6);
    expect(report.parAfter).toBeLessThan(report.parBefore);
    expect(report.correlation).toBeGreaterThan(0);
    expect(report.declaredGap).toBe(TWO_STAGE_CASE.declaredGap);
    expect(report.gap).toBeLessThan(report.declaredGap);
    expect(report.drFund.paid).toBeLessThanOrEqual(report.drFund.avoidedImport);
    expect(report.prices.decentralised.map((hours) => hours.length)).toEqual([24, 24]);
  });

  it("serves what DR does not take away, hour by hour, and energy that waits comes back (R7.16, R7.18)", () => {
    for (const { market } of run.days)
      for (const { outcome, loadWh, demandWh } of market) {
        const { final, first } = outcome;
        expect(loadWh).toBe(demandWh - Number(final.drWh));
        expect(final.servedWh).toBe(final.localWh + final.importWh);
        expect(first.drMicroPerKwh).toBeLessThanOrEqual(Math.max(0, first.priceMicroPerKwh * 2));
      }
    const slots = run.days.flatMap(({ market }) => market);
    expect(slots.some(({ shiftedInWh }) => shiftedInWh > 0)).toBe(true);
    expect(
      run.without.flat().every(({ shiftedInWh, outcome }) => shiftedInWh === 0 && outcome.final.drWh === 0n),
    ).toBe(true);
  });

  it("has the same prosumers by the same seed, and others by another", () => {
    expect(drawProsumers(seededRandom(seed + 1))).toEqual(run.prosumers);
    expect(drawProsumers(seededRandom(seed + 2))).not.toEqual(run.prosumers);
    expect(run.prosumers.filter(({ takesPart }) => takesPart)).toHaveLength(12);
  });
});

it("has a competitive price where best demand meets generation, and bounds of it", () => {
  const utility = { betaMicroPerKwh: 100_000, curvatureMicroPerKwh2: 100_000, leastWh: 0, mostWh: 1_000 };
  const terms = { upstreamMicroPerKwh: 60_000, feedInMicroPerKwh: 10_000, alphaPermille: 1_000 };
  const at = (capacityWh: number) => competitivePrice([utility, utility], capacityWh, terms);
  // Two demands of 1 − π / 0.1 kWh meet 1 kWh at 0.05; a Wh of both is 100 micro wide.
  expect(Math.abs(at(1_000) - 50_000)).toBeLessThanOrEqual(100);
  expect([at(100), at(5_000)]).toEqual([60_000, 10_000]);
});

it("measures peaks and correlation", () => {
  expect(peakToAverage([1, 2, 3])).toBe(1.5);
  expect(correlationOf([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
  expect(correlationOf([1, 2, 3], [6, 4, 2])).toBeCloseTo(-1, 12);
});

function isThere(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}
