import { expect, test } from "vitest";
import { type Done, type Duty, runDuties } from "./duty.ts";
import { type BehindDuty, createDutyWatch } from "./dutyWatch.ts";
import { drivenClock } from "./marketClock.ts";

const LENGTH = 900;
const DONE: Done = { status: "done", work: "worked" };

/** Comes to `outcomes` one after the other; an error is thrown. */
function duty(name: string, areaId: number, outcomes: readonly (Done | Error)[]): Duty {
  const left = [...outcomes];
  return {
    name,
    role: "operator",
    areaId,
    dueAt: (id) => id * LENGTH,
    triesUntil: (id) => (id + 1) * LENGTH,
    run: async () => {
      const outcome = left.shift() ?? DONE;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
  };
}

/** What is behind after each run. */
async function trace(duties: readonly Duty[]): Promise<(readonly BehindDuty[])[]> {
  const watch = createDutyWatch();
  const seen: (readonly BehindDuty[])[] = [];
  const plans = duties.map((each) => ({ duty: each, from: 1, end: 2 }));
  for await (const report of runDuties(
    plans,
    drivenClock(0, async () => undefined),
  )) {
    watch.noted(report);
    seen.push(watch.behind());
  }
  return seen;
}

const behind = { intervalId: 1, since: LENGTH };

test("a duty that waits or failed is behind since it was due, until it is done", async () => {
  const waits: Done = { status: "waiting", for: "2 of the readings", againAt: 1_000 };
  const publish = duty("publish", 1, [waits, new Error("no node at http://10.0.0.7"), DONE]);
  expect(await trace([publish])).toEqual([
    [{ ...behind, name: "publish", areaId: 1, waitsFor: "2 of the readings" }],
    [{ ...behind, name: "publish", areaId: 1, waitsFor: null }],
    [],
  ]);
});

test("a duty that is given up is not behind any more", async () => {
  const failures = Array.from({ length: 30 }, () => new Error("broken"));
  const seen = await trace([duty("clear", 1, failures)]);
  expect(seen.length).toBeLessThan(failures.length);
  expect(seen[0]).toHaveLength(1);
  expect(seen.at(-1)).toEqual([]);
});

test("duties of several areas are behind each by itself", async () => {
  const fails = [new Error("broken")];
  const seen = await trace([duty("settle", 2, fails), duty("settle", 1, fails), duty("clear", 1, fails)]);
  expect(seen[2]?.map(({ areaId, name }) => `${areaId} ${name}`)).toEqual([
    "1 clear",
    "1 settle",
    "2 settle",
  ]);
  expect(seen.at(-1)).toEqual([]);
});
