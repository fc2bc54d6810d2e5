import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import type { Stage } from "#domains/pool/rules/stage.ts";
import { createCommunity } from "#world/households/community.ts";
import { clearInterval, runInMemory } from "#world/simulation/run.ts";
import type { IntervalOutcome } from "#world/simulation/runBills.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { parseScenarioFile } from "#world/simulation/scenarioFile.ts";
import { buildSyntheticScenario } from "#world/simulation/syntheticScenario.ts";
import { reliveRecord } from "./recordedIntervals.ts";

const file = parseScenarioFile(readFileSync("scenarios/riverside/scenario.yaml", "utf8"), "riverside");
const scenario: Scenario = {
  ...buildSyntheticScenario("riverside", { ...file, synthetic: file.synthetic! }),
  intervals: 20,
};
const FIRST = scenario.firstIntervalId;

type Past = {
  attempt: number;
  intervalId: number;
  stage: Stage;
  isPublished: boolean;
  positions: MemberPosition[];
};

/** What a chain would record of the run's intervals. */
function recordOf(count: number, changes: Record<number, Partial<Past>> = {}): Past[] {
  const community = createCommunity(scenario);
  return Array.from({ length: count }, (_, i) => {
    const intervalId = FIRST + i;
    const { positions } = clearInterval(scenario, community.quote(intervalId));
    community.deliver(intervalId, positions);
    const held = [...positions].map(([member, position]) => {
      return { member, side: position.boughtWh > 0n ? "bid" : "offer", ...position } as const;
    });
    const past = { intervalId, stage: "settled", attempt: 0, isPublished: true, positions: held } as const;
    return { ...past, ...changes[i] };
  });
}

async function relive(record: readonly Past[]) {
  const community = createCommunity(scenario);
  async function* inTurn() {
    yield* record;
  }
  const start = await reliveRecord(
    {
      relive(intervalId, positions) {
        community.quote(intervalId);
        community.deliver(intervalId, positions);
      },
    },
    { record: inTurn(), firstIntervalId: FIRST },
  );
  return { community, start };
}

describe("homes that live through their past again", () => {
  it("do what they would have done without the break: same orders and readings", async () => {
    const whole: IntervalOutcome[] = [];
    runInMemory(scenario, { onInterval: (outcome) => whole.push(outcome) });
    const { community, start } = await relive(recordOf(12));
    expect(start).toEqual({ nextIntervalId: FIRST + 12, unfinished: [] });
    for (const { intervalId, positions, readings } of whole.slice(12)) {
      expect(clearInterval(scenario, community.quote(intervalId)).positions).toEqual(positions);
      expect(community.deliver(intervalId, positions)).toEqual(readings);
    }
    expect(whole.slice(12).some(({ clearedWh }) => clearedWh > 0n)).toBe(true);
  });

  it("begin at their first interval when nothing is recorded", async () => {
    expect((await relive([])).start).toEqual({ nextIntervalId: FIRST, unfinished: [] });
  });

  it("stop where readings are not published, and where the record has a gap", async () => {
    const unpublished = recordOf(6, { 4: { stage: "cleared", isPublished: false } });
    expect((await relive(unpublished)).start).toEqual({ nextIntervalId: FIRST + 4, unfinished: [] });
    const withGap = recordOf(6).filter((_, i) => i !== 3);
    expect((await relive(withGap)).start).toEqual({ nextIntervalId: FIRST + 3, unfinished: [] });
  });

  it("leave what is not paid and not given back to be finished", async () => {
    const record = recordOf(8, {
      1: { stage: "cleared" },
      2: { stage: "settling" },
      3: { stage: "returning" },
      4: { stage: "returned" },
      5: { stage: "collecting" },
      6: { stage: "collecting", attempt: 1 },
    });
    expect((await relive(record)).start).toEqual({
      nextIntervalId: FIRST + 8,
      unfinished: [FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 6],
    });
  });
});
