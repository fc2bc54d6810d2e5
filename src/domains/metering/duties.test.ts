import { beforeEach, expect, it } from "vitest";
import { meteringDuties } from "./duties.ts";

const INTERVAL_ID = 500;
const INTERVAL_SECONDS = 900;
const ENDS_AT = (INTERVAL_ID + 1) * INTERVAL_SECONDS;

let now: number;
let missing: readonly number[];
let published: number[];

beforeEach(() => {
  now = ENDS_AT;
  missing = [];
  published = [];
});

function publish() {
  const duties = meteringDuties({
    areaId: 1,
    intervalSeconds: INTERVAL_SECONDS,
    now: () => now,
    gateway: {
      missingOf: async () => missing,
      publish: async (intervalId) => {
        published.push(intervalId);
        return { gasUsed: 50_000n, transactions: 1, readings: [] } as never;
      },
    },
    opens: async () => new Set(),
  });
  return duties.publish.run(INTERVAL_ID);
}

it("readings are published as soon as the interval is over and all are there", async () => {
  expect(await publish()).toMatchObject({ status: "done", spent: { transactions: 1 } });
  expect(published).toEqual([INTERVAL_ID]);
});

it("a meter that is late is waited for, but no longer than an interval", async () => {
  missing = [7];
  expect(await publish()).toEqual({ status: "waiting", for: "1 of the readings", againAt: ENDS_AT + 60 });
  expect(published).toEqual([]);
  now = ENDS_AT + INTERVAL_SECONDS;
  expect(await publish()).toMatchObject({ status: "done" });
  expect(published).toEqual([INTERVAL_ID]);
});
