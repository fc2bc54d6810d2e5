import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import { present } from "#kernel/units/assert.ts";
import { loadCommunities } from "../loadScenario.ts";
import { openLoadMemory } from "./loadMemory.ts";
import { loadMeter } from "./members.ts";

/** The forecast of a depot's conventional load follows its meter (R9.4). */

const DAY = 86_400;
const SCENARIO = join(import.meta.dirname, "../../../scenarios/depot");

type Depot = Parameters<typeof openLoadMemory>[0];
let depot: Depot;

beforeAll(async () => {
  const { scenarios } = await loadCommunities({ folder: SCENARIO });
  depot = present(
    scenarios.find((scenario): scenario is Depot => scenario.kind === "depot"),
    "a depot",
  );
});

/** Every interval of some days before `period` has a mean power of `w`. */
function readings(period: number, { days, importWh }: { days: number; importWh: number }): SignedReading[] {
  const { intervalSeconds, terms } = depot;
  const end = (period * terms.periodSeconds) / intervalSeconds;
  const { member } = loadMeter(depot);
  return Array.from({ length: (days * DAY) / intervalSeconds }, (_, i) => ({
    member,
    intervalId: end - 1 - i,
    importWh,
  })) as unknown as SignedReading[];
}

it("is the standard shape until the meter knows the time of the day, then what it registered", () => {
  const period = Math.floor(depot.startsAt / depot.terms.periodSeconds) + 48 * 3;
  const memory = openLoadMemory(depot);
  const usual = memory.forecast(period);
  const importWh = 12_345;
  memory.note(readings(period, { days: 2, importWh }));
  expect(memory.forecast(period)).toBe((importWh * 3_600) / depot.intervalSeconds);
  expect(memory.forecast(period)).not.toBe(usual);
});

it("goes on with what the database knows, and hears nobody else's meter", () => {
  const period = Math.floor(depot.startsAt / depot.terms.periodSeconds) + 48 * 3;
  const known = readings(period, { days: 2, importWh: 1_000 });
  const memory = openLoadMemory(depot, new Map(known.map(({ intervalId }) => [intervalId, 4_000])));
  memory.note(known.map((reading) => ({ ...reading, member: 4, importWh: 9_999 })));
  expect(memory.forecast(period)).toBe(4_000);
});
