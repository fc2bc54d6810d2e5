import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { quotaPeriods } from "#domains/charging/tables.ts";
import { intervalAt, startsAt } from "#kernel/units/interval.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import type { Store } from "#platform/store/openStore.ts";
import { events } from "#platform/store/schema.ts";
import { parseDepot } from "#world/stations/depotFile.ts";
import { findDepotStart } from "./depotStart.ts";

const source = "scenarios/depot/stations/scenario.yaml";
const scenario = parseDepot(readFileSync(source, "utf8"), { name: "stations", source })!;
const { firstIntervalId: FIRST, terms, intervalSeconds } = scenario;
const FIRST_PERIOD = intervalAt(scenario.startsAt, terms.periodSeconds);
const AREA = 2;
const DAY = 86_400;

let store: Store;
let logIndex = 0;

beforeAll(async () => {
  store = await openMemoryStore();
  await published(AREA, FIRST, FIRST + 1, FIRST + 2, FIRST + 4);
  await published(1, FIRST + 3);
  await deposits(FIRST_PERIOD, 1);
  await deposits(FIRST_PERIOD - 1, 0);
  await deposits(FIRST_PERIOD + 1, 1);
});
afterAll(() => store.close());

function log(kind: string, areaId: number, intervalId: number | null, facts: object) {
  logIndex += 1;
  return store.db.insert(events).values({
    ...{ block: 1, logIndex, kind, timestamp: scenario.startsAt, transactionHash: `0x${"01".repeat(32)}` },
    ...{ areaId, intervalId, account: null, facts: JSON.stringify(facts) },
  });
}

async function published(areaId: number, ...intervals: number[]): Promise<void> {
  for (const intervalId of intervals)
    await log("readingsPublished", areaId, intervalId, { areaId, intervalId });
}

/** A period of which so many stations have not got their deposit back. */
function deposits(period: number, openDeposits: number) {
  const first = startsAt(period, terms.periodSeconds);
  const times = { startsAt: first, endsAt: first + terms.periodSeconds, initializedAt: first };
  const watts = { marginW: 0, forecastW: 0, reserveW: 0, totalDemandW: 0 };
  return store.db.insert(quotaPeriods).values({
    ...{
      areaId: AREA,
      period,
      intervalId: intervalAt(first, intervalSeconds),
      intervals: 2,
      ...times,
      ...watts,
    },
    ...{ stage: "paying", termsVersion: 1, tariffMicroPerKwh: 0n, cnyMicroPerEther: 0n, dso: 2, fund: 3 },
    ...{ stations: 2, openDeposits, unpaid: 0, initializedIn: `0x${"02".repeat(32)}` },
  });
}

const startAt = (now: number) => findDepotStart(store.db, { areaId: AREA, scenario, now });

it("goes on at the first interval of the depot whose readings are not published", async () => {
  const start = await startAt(startsAt(FIRST + 5, intervalSeconds));
  expect(start).toMatchObject({ nextIntervalId: FIRST + 3, nextPeriod: FIRST_PERIOD + 1 });
});

it("has the periods before it settled where a station's deposit is held", async () => {
  expect((await startAt(startsAt(FIRST + 5, intervalSeconds))).heldPeriods).toEqual([FIRST_PERIOD]);
});

it("leaves what nobody looks for any more", async () => {
  const now = scenario.startsAt + 19 * DAY;
  const { nextIntervalId, heldPeriods } = await startAt(now);
  expect(nextIntervalId).toBe(intervalAt(now - 2 * DAY, intervalSeconds));
  expect(heldPeriods).toEqual([]);
});
