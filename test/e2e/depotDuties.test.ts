import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openClock } from "#community/communityNode.ts";
import { depotPlans } from "#community/depot/depotStart.ts";
import { type DepotNode, type DepotRoles, startDepotRoles } from "#community/depot/startDepotRoles.ts";
import { openCommunityNode } from "#community/openCommunities.ts";
import { auditNetwork } from "#domains/audit.ts";
import { openQuotaOrderArchive } from "#domains/charging/quotaOrderArchive.ts";
import { intervalsOfPeriod, windowsOf } from "#domains/charging/rules/quotaTerms.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { intervalAt } from "#kernel/units/interval.ts";
import { type DutyReport, runDuties } from "#platform/runtime/duty.ts";
import { createIncidents } from "#platform/runtime/incidents.ts";
import type { MarketClock } from "#platform/runtime/marketClock.ts";
import { parseDepot } from "#world/stations/depotFile.ts";

/*
 * The duties of a depot over some periods on a chain. One station demands, and vanishes; one period is not divided in time; of
 * one auction the chain refuses an order. Each test goes on where the one before it ended.
 */

const FOLDER = "scenarios/depot/stations";
const source = join(FOLDER, "scenario.yaml");
const scenario = parseDepot(readFileSync(source, "utf8"), { name: "stations", source })!;
const { terms, intervalSeconds } = scenario;
const FIRST = intervalAt(scenario.startsAt, terms.periodSeconds);
const DAY = 86_400;

let workspace: string;
let node: DepotNode;
let clock: MarketClock;
let roles: DepotRoles;
let readings: ReturnType<typeof openReadingArchive>;
let orders: ReturnType<typeof openQuotaOrderArchive>;
/** Chargers that joined two of the stations: one draws little, one more than any quota. */
const JOINED_WH: Readonly<Record<string, bigint>> = { "works-gate": 400n, "works-hall": 10_000_000n };
const heard = { energyWh: (stationId: string) => JOINED_WH[stationId] ?? 0n };
/** Demanded in the second period, and hands in no reading of it. */
let vanished: number;

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "commonwatt-depot-duties-"));
  const onProgress = () => {};
  node = await openCommunityNode({ workspace, name: "depot", scenario, scenarioFolder: FOLDER, onProgress });
  clock = await openClock(node);
  readings = openReadingArchive({
    directory: join(workspace, "readings"),
    intervalSecondsOf: () => intervalSeconds,
  });
  orders = openQuotaOrderArchive({
    directory: join(workspace, "orders"),
    periodSeconds: terms.periodSeconds,
  });
  roles = await open();
});
afterAll(async () => {
  await node?.stop();
  rmSync(workspace, { recursive: true, force: true });
});

function open(acting?: ReadonlySet<number>): Promise<DepotRoles> {
  const incidents = createIncidents(clock.now);
  return startDepotRoles(node, { clock, incidents, readings, orders, heard, ...(acting ? { acting } : {}) });
}

/** Lets the duties run from a period on until one of them reports what is waited for. */
async function runUntil(period: number, isLast: (report: DutyReport) => boolean): Promise<void> {
  const [nextIntervalId = 0] = intervalsOfPeriod(period, { ...terms, intervalSeconds });
  const start = { nextIntervalId, nextPeriod: period, heldPeriods: [] };
  for await (const report of runDuties(depotPlans(roles, start), clock)) {
    if ("error" in report) throw report.error;
    if (isLast(report)) return;
  }
}

const isSettled = (period: number) => (report: DutyReport) =>
  report.duty.name === "settle" && report.intervalId === period;

it("runs a period from its margin to the last deposit, whose auction moved quota", async () => {
  await runUntil(FIRST, isSettled(FIRST));
  const stations = await roles.demands.demandingIn(FIRST);
  expect(stations.length).toBeGreaterThan(3);
  expect(stations.every(({ isPaid, isWithdrawn }) => isPaid && isWithdrawn)).toBe(true);
  expect(await roles.view.periodOf(FIRST)).toMatchObject({ stage: "cleared" });
  const sum = (read: (station: (typeof stations)[number]) => number) =>
    stations.reduce((total, station) => total + read(station), 0);
  expect(sum(({ boughtW }) => boughtW)).toBeGreaterThan(0);
  expect(sum(({ boughtW }) => boughtW)).toBe(sum(({ soldW }) => soldW));
});

it("counts what a joined charger draws in the reading of its station, and its vehicles take the rest of the quota", async () => {
  const { areaId } = node.founded;
  const stations = await roles.demands.demandingIn(FIRST);
  for (const { id, member, connectionW } of scenario.stations) {
    const quotaW = await roles.view.quotaW(FIRST, member);
    for (const interval of intervalsOfPeriod(FIRST, { ...terms, intervalSeconds })) {
      const reading = readings.readingsOf(areaId, interval).find((each) => each.member === member)!;
      const carriedWh = Math.floor((connectionW * intervalSeconds) / 3_600);
      const joinedWh = Math.min(carriedWh, Number(JOINED_WH[id] ?? 0));
      expect(reading.importWh).toBeGreaterThanOrEqual(joinedWh);
      expect(reading.importWh).toBeLessThanOrEqual(
        Math.max(joinedWh, Math.ceil((quotaW * intervalSeconds) / 3_600)),
      );
    }
  }
  const greedy = scenario.stations.find(({ id }) => id === "works-hall")!.member;
  const [first = 0] = intervalsOfPeriod(FIRST, { ...terms, intervalSeconds });
  const excess = readings.readingsOf(areaId, first).find(({ member }) => member === greedy)!;
  const quotaW = await roles.view.quotaW(FIRST, greedy);
  expect(excess.importWh).toBeGreaterThan((quotaW * intervalSeconds) / 3_600);
  // The chain took it: the station paid by this reading, its penalty too.
  expect(stations.find(({ member }) => member === greedy)?.isPaid).toBe(true);
});

it("finds nothing to do where all is done, no matter who did it", async () => {
  const again = await open();
  for (const name of ["initialize", "allocate", "clear", "settle"] as const)
    expect(await again.duties[name].run(FIRST)).toEqual({ status: "nothingToDo" });
});

it("has a station that vanished wait, and nobody else", async () => {
  const period = FIRST + 1;
  const demanding = await roles.demands.demandingIn(period);
  vanished = demanding[0]!.member;
  const others = scenario.stations.map(({ member }) => member).filter((member) => member !== vanished);
  roles = await open(new Set(others));
  for (const id of intervalsOfPeriod(FIRST, { ...terms, intervalSeconds })) await roles.stations.relive(id);
  await runUntil(
    period,
    (report) =>
      isSettled(period)(report) &&
      "done" in report &&
      "for" in report.done &&
      / 1 of the stations/.test(report.done.for),
  );
  const stations = await roles.demands.demandingIn(period);
  expect(stations.filter(({ isWithdrawn }) => !isWithdrawn).map(({ member }) => member)).toEqual([vanished]);
  const next = await roles.demands.demandingIn(period + 1);
  expect(next.map(({ member }) => member)).not.toContain(vanished);
});

it("drops a station whose order the chain refuses, and clears the rest", async () => {
  const period = intervalAt(clock.now(), terms.periodSeconds) + 2;
  const { initialize, demand, allocate, trade, clear } = roles.duties;
  const windows = windowsOf(period, terms);
  await clock.advanceTo(windows.opensAt);
  await initialize.run(period);
  await demand.run(period);
  await clock.advanceTo(windows.demandEndsAt);
  await allocate.run(period);
  await clock.advanceTo(windows.allocationEndsAt);
  await trade.run(period);
  const [first, ...others] = roles.desk.takeBook(period);
  expect(others.some(({ participant }) => participant !== first!.participant)).toBe(true);
  roles.desk.restore([{ ...first!, quantity: first!.quantity + 1 }, ...others]);
  await clock.advanceTo(windows.ordersEndAt);
  expect(await clear.run(period)).toMatchObject({ status: "done", work: expect.stringContaining("cleared") });
  expect(await roles.view.periodOf(period)).toMatchObject({ stage: "cleared" });
  const refused = orders.ordersOf(node.founded.areaId, period).filter(({ refusal }) => refusal !== null);
  expect(new Set(refused.map(({ participant }) => participant))).toEqual(new Set([first!.participant]));
});

it("gives all deposits back of a period that was not divided in time", async () => {
  const period = intervalAt(clock.now(), terms.periodSeconds) + 2;
  const { initialize, demand, allocate, clear, settle } = roles.duties;
  const windows = windowsOf(period, terms);
  await clock.advanceTo(windows.opensAt);
  await initialize.run(period);
  await demand.run(period);
  await clock.advanceTo(windows.allocationEndsAt);
  expect(await allocate.run(period)).toEqual({ status: "nothingToDo" });
  await clock.advanceTo(windows.ordersEndAt);
  expect(await clear.run(period)).toEqual({ status: "nothingToDo" });
  await clock.advanceTo(windows.endsAt);
  expect(await settle.run(period)).toMatchObject({ status: "done", work: expect.stringContaining("back") });
  const stations = await roles.demands.demandingIn(period);
  expect(stations.length).toBeGreaterThan(0);
  expect(stations.every(({ isPaid, isWithdrawn }) => !isPaid && isWithdrawn)).toBe(true);
});

it("says nothing of a margin, and takes no demand, once the window is over", async () => {
  const period = intervalAt(clock.now(), terms.periodSeconds) + 2;
  await clock.advanceTo(windowsOf(period, terms).demandEndsAt);
  for (const name of ["initialize", "demand", "allocate"] as const)
    expect(await roles.duties[name].run(period)).toEqual({ status: "nothingToDo" });
  expect(await roles.view.periodOf(period)).toMatchObject({ stage: "none" });
});

it("takes the whole quota from a station that vanished, a day later, and gives it the rest", async () => {
  const period = FIRST + 1;
  await clock.advanceTo(windowsOf(period, terms).endsAt + DAY);
  expect(await roles.duties.settle.run(period)).toMatchObject({ status: "done" });
  const station = await roles.view.stationOf(period, vanished);
  expect(station).toMatchObject({ isPaid: true, isWithdrawn: true });
});

it("is clean to an auditor", async () => {
  const { network, founded } = node;
  const report = await auditNetwork({
    network,
    deployment: founded.deployment,
    readings: async (areaId, intervalId) => readings.readingsOf(areaId, intervalId),
    orders: null,
  });
  expect(report).toMatchObject({ verdict: "clean" });
  expect(report.checked["charging.payments"]).toBeGreaterThan(10);
});
