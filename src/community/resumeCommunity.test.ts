import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MarketOperator } from "#domains/pool/marketOperator.ts";
import { planClearing } from "#domains/pool/rules/clearingPlan.ts";
import { drivenClock } from "#platform/runtime/marketClock.ts";
import { createCommunity } from "#world/households/community.ts";
import { clearInterval, runInMemory } from "#world/simulation/run.ts";
import { type Bills, createBills, type IntervalOutcome } from "#world/simulation/runBills.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { parseScenarioFile } from "#world/simulation/scenarioFile.ts";
import { buildSyntheticScenario } from "#world/simulation/syntheticScenario.ts";
import type { CommunityRoles } from "./communityRun.ts";
import { type RecordedInterval, resumeCommunity } from "./resumeCommunity.ts";

const file = parseScenarioFile(readFileSync("scenarios/riverside/scenario.yaml", "utf8"), "riverside");
const scenario: Scenario = {
  ...buildSyntheticScenario("riverside", { ...file, synthetic: file.synthetic! }),
  intervals: 20,
};
const FIRST = scenario.firstIntervalId;

/** What a chain would record of the run's intervals. */
function recordOf(count: number): RecordedInterval[] {
  const record: RecordedInterval[] = [];
  const community = createCommunity(scenario);
  for (let intervalId = FIRST; intervalId < FIRST + count; intervalId += 1) {
    const market = clearInterval(scenario, community.quote(intervalId));
    community.deliver(intervalId, market.positions);
    const positions = [...market.positions].map(([account, position]) => ({ account, ...position }));
    record.push({
      intervalId,
      status: "settled",
      localPriceMicroPerKwh: Number(market.localPriceMicroPerKwh),
      clearedWh: market.clearedWh,
      welfareMicro: market.welfareMicro,
      trades: 1,
      // In two steps, as a large clearing comes.
      steps: [positions.slice(0, 3), positions.slice(3)],
    });
  }
  return record;
}

async function* inTurn(record: readonly RecordedInterval[]) {
  yield* record;
}

async function resume(
  record: readonly RecordedInterval[],
  now: number,
  operator: Partial<MarketOperator> = {},
) {
  const community = createCommunity(scenario);
  const clock = drivenClock(now, async () => {});
  const roles = { scenario, community, clock, operator } as CommunityRoles;
  const bills = createBills(scenario);
  const notices: string[] = [];
  const onNotice = (sentence: string) => void notices.push(sentence);
  const resumption = await resumeCommunity(roles, { record: inTurn(record), bills, onNotice });
  return { community, bills, notices, ...resumption };
}

/** The record with the last interval interrupted between the steps of its clearing. */
function interruptedRecord(count: number): RecordedInterval[] {
  return recordOf(count).map((past, i) =>
    i === count - 1 ? { ...past, status: "interrupted", steps: [[]] } : past,
  );
}

/** Goes on from `first` to the end of the scenario in memory. */
function goOn(community: ReturnType<typeof createCommunity>, first: number): IntervalOutcome[] {
  const outcomes: IntervalOutcome[] = [];
  for (let intervalId = first; intervalId < FIRST + scenario.intervals; intervalId += 1) {
    const { positions, clearedWh, welfareMicro } = clearInterval(scenario, community.quote(intervalId));
    const readings = community.deliver(intervalId, positions);
    outcomes.push({ intervalId, readings, positions, settlements: new Map(), clearedWh, welfareMicro });
  }
  return outcomes;
}

function billsOf(bills: Bills) {
  return scenario.homes.map(({ account }) => bills.participant(account));
}

const endOf = (intervalId: number) => (intervalId + 1) * scenario.intervalSeconds;

describe("a community that goes on", () => {
  it("begins at its first interval when nothing is recorded", async () => {
    const { nextIntervalId, unfinished, bills } = await resume([], scenario.startsAt - 3_600);
    expect([nextIntervalId, unfinished]).toEqual([FIRST, []]);
    expect(bills.settledIntervals()).toBe(0);
  });

  it("does what it would have done without the break: same orders, readings and bills", async () => {
    const whole: IntervalOutcome[] = [];
    runInMemory(scenario, { onInterval: (outcome) => whole.push(outcome) });
    const { community, bills, nextIntervalId, unfinished } = await resume(
      recordOf(12),
      endOf(FIRST + 11) - 1,
    );
    expect([nextIntervalId, unfinished]).toEqual([FIRST + 12, []]);
    const before = runInMemory({ ...scenario, intervals: 12 }).bills;
    expect(billsOf(bills)).toEqual(billsOf(before));
    expect(bills.settledIntervals()).toBe(12);
    expect(bills.community()).toEqual(before.community());
    const rest = goOn(community, FIRST + 12);
    expect(rest.map(({ readings }) => readings)).toEqual(whole.slice(12).map(({ readings }) => readings));
    expect(rest.map(({ clearedWh }) => clearedWh)).toEqual(whole.slice(12).map(({ clearedWh }) => clearedWh));
    expect(rest.some(({ clearedWh }) => clearedWh > 0n)).toBe(true);
  });

  it("hands back what was cleared and not settled, to be finished, and counts it not yet", async () => {
    const record = recordOf(6).map((past, i) => (i === 5 ? { ...past, status: "open" as const } : past));
    const { bills, nextIntervalId, unfinished } = await resume(record, endOf(FIRST + 5) - 1);
    expect(nextIntervalId).toBe(FIRST + 6);
    expect(unfinished.map(({ intervalId }) => intervalId)).toEqual([FIRST + 5]);
    expect(unfinished[0]!.market).toMatchObject({
      steps: record[5]!.steps,
      clearedWh: record[5]!.clearedWh,
      transactions: 0,
      gasUsed: 0n,
    });
    expect(bills.settledIntervals()).toBe(5);
  });

  it("counts intervals that passed without a market as failed, between others and at the end", async () => {
    const record = recordOf(8).filter((_, i) => i !== 3);
    const { bills, nextIntervalId } = await resume(record, endOf(FIRST + 9));
    expect(nextIntervalId).toBe(FIRST + 10);
    expect([bills.settledIntervals(), bills.failedIntervals()]).toEqual([7, 3]);
  });

  it("counts a voided interval as failed", async () => {
    const record = recordOf(2).map((past, i) => (i === 1 ? { ...past, status: "voided" as const } : past));
    const { bills } = await resume(record, endOf(FIRST + 1) - 1);
    expect([bills.settledIntervals(), bills.failedIntervals()]).toEqual([1, 1]);
  });

  it("goes on with a clearing that was interrupted, and counts it not yet", async () => {
    const asked: number[] = [];
    const goOn = async (intervalId: number) => {
      asked.push(intervalId);
      return { plan: planOf(intervalId), dropped: [], gasUsed: 7n, transactions: 1 };
    };
    const { bills, unfinished, nextIntervalId, notices } = await resume(
      interruptedRecord(3),
      endOf(FIRST + 2) - 1,
      { goOn },
    );
    expect([asked, nextIntervalId, notices]).toEqual([[FIRST + 2], FIRST + 3, []]);
    expect(unfinished).toMatchObject([
      { intervalId: FIRST + 2, market: { clearedWh: 40n, gasUsed: 7n, transactions: 1 } },
    ]);
    expect([bills.settledIntervals(), bills.failedIntervals()]).toEqual([2, 0]);
  });

  it("hands back a clearing that does not go on, to fail once its delivery is over", async () => {
    const cause = new Error("the chain refuses");
    const { unfinished } = await resume(interruptedRecord(3), endOf(FIRST + 2) - 1, {
      goOn: () => Promise.reject(cause),
    });
    expect(unfinished).toEqual([{ intervalId: FIRST + 2, market: cause }]);
  });

  it.each([
    ["is given back", () => Promise.resolve({ gasUsed: 1n, transactions: 1 })],
    ["could not be given back: no answer", () => Promise.reject(new Error("no answer"))],
  ])("an interrupted clearing whose delivery is over fails; what it reserved %s", async (words, giveBack) => {
    const { bills, unfinished, nextIntervalId, notices } = await resume(
      interruptedRecord(3),
      endOf(FIRST + 2),
      { giveBack },
    );
    expect([unfinished, nextIntervalId]).toEqual([[], FIRST + 3]);
    expect([bills.settledIntervals(), bills.failedIntervals()]).toEqual([2, 1]);
    expect(notices).toEqual([expect.stringContaining(`interval ${FIRST + 2} was interrupted`)]);
    expect(notices[0]).toContain(words);
  });
});

/** One trade of 40 Wh between the first two homes. */
function planOf(intervalId: number) {
  const [buyer, seller] = scenario.homes.map(({ account }) => account);
  const signature = new Uint8Array(64);
  const common = { energyWh: 40, limitPriceMicroPerKwh: 200_000, sequence: 0, signature };
  return planClearing({
    orders: [
      { ...common, participant: buyer!, side: "bid" },
      { ...common, participant: seller!, side: "offer" },
    ],
    pricing: scenario.terms.pricing,
    separator: new Uint8Array(32),
    areaId: 1,
    intervalId,
  });
}
