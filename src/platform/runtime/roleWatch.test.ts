import { describe, expect, it } from "vitest";
import type { Duty, DutyReport, Role } from "./duty.ts";
import { createRoleWatch } from "./roleWatch.ts";

const INTERVAL_SECONDS = 900;
const ROLES = {
  byDuty: { operator: "market operator", meterGateway: "meter gateway" },
  onRequest: ["order desk"],
};

function open({ speed = 1 }: { speed?: number } = {}) {
  const time = { market: 9_000, world: 50_000 };
  const watch = createRoleWatch({
    now: () => time.market,
    worldNow: () => time.world,
    roles: ROLES,
    everySeconds: INTERVAL_SECONDS,
    speed,
    beginsAt: 9_000,
  });
  const readiness = () => Object.fromEntries(watch.checks().map(({ name, isReady }) => [name, isReady]));
  return { time, watch, readiness };
}

const ALL = { "market operator": true, "meter gateway": true, "order desk": true };

describe("a role", () => {
  it("is ready before its first work, for three intervals", () => {
    const { time, readiness } = open();
    time.market += 3 * INTERVAL_SECONDS;
    expect(readiness()).toEqual(ALL);
    time.market += 1;
    expect(Object.values(readiness())).toEqual([false, false, false]);
  });

  it("is down three intervals of the market after its last work, and up after the next", () => {
    const { time, watch, readiness } = open();
    time.market += 2_000;
    watch.worked("market operator", "cleared interval 12");
    time.market += 2_000;
    expect(readiness()).toEqual({ ...ALL, "meter gateway": false, "order desk": false });
    expect(watch.checks()[0]).toEqual({
      name: "market operator",
      isReady: true,
      detail: "last cleared interval 12, 33 min ago by the market's clock",
    });
    watch.worked("meter gateway", "published the readings of interval 11");
    expect(readiness()).toEqual({ ...ALL, "order desk": false });
  });

  it("is down when the market's clock stands still while the world's goes on", () => {
    const { time, readiness } = open();
    time.world += 3 * INTERVAL_SECONDS;
    expect(readiness()).toEqual(ALL);
    time.world += 1;
    expect(Object.values(readiness())).toEqual([false, false, false]);
    const fast = open({ speed: 900 });
    fast.time.world += 60;
    expect(fast.readiness()).toEqual(ALL);
    fast.time.world += 1;
    expect(Object.values(fast.readiness())).toEqual([false, false, false]);
  });
});

describe("the speed", () => {
  it("is not known before two intervals", () => {
    const { time, watch } = open();
    expect(watch.processedPerHour()).toBeNull();
    watch.settled();
    time.world += 10;
    expect(watch.processedPerHour()).toBeNull();
  });

  it("counts intervals an hour of the world over the last hour", () => {
    const { time, watch } = open();
    for (let i = 0; i < 11; i += 1) {
      watch.settled();
      time.world += 2;
    }
    expect(watch.processedPerHour()).toBeCloseTo((10 * 3_600) / 22, 6);
    time.world += 3_580;
    expect(watch.processedPerHour()).toBeLessThan(11);
    time.world += 3_600;
    expect(watch.processedPerHour()).toBeNull();
  });

  it("is right with more settlements than are remembered", () => {
    const { time, watch } = open();
    for (let i = 0; i < 10_000; i += 1) {
      time.world += 0.1;
      watch.settled();
    }
    expect(watch.processedPerHour()).toBeCloseTo(36_000, 0);
  });
});

describe("a duty", () => {
  const report = (role: Role, came: object): DutyReport =>
    ({ duty: { role } as Duty, intervalId: 7, at: 0, isTriedAgain: false, ...came }) as DutyReport;
  const done = (work: string) => ({ done: { status: "done", work } });

  it("is noted as its role's work when it is done", () => {
    const { time, watch, readiness } = open();
    time.market += 4 * INTERVAL_SECONDS;
    watch.noted(report("operator", { error: new Error("the chain refuses") }));
    watch.noted(report("operator", { done: { status: "nothingToDo" } }));
    watch.noted(report("world", done("ordered for interval 7")));
    expect(Object.values(readiness())).toEqual([false, false, false]);
    watch.noted(report("operator", done("cleared interval 7")));
    watch.noted(report("meterGateway", done("published the readings of interval 7")));
    expect(readiness()).toEqual({ ...ALL, "order desk": false });
    expect(watch.checks()[0]?.detail).toBe("last cleared interval 7, 0 s ago by the market's clock");
  });
});

it("names the area where there are several", () => {
  const clocks = { now: () => 0, worldNow: () => 0, roles: ROLES, everySeconds: 900, speed: 1, beginsAt: 0 };
  const watch = createRoleWatch({ ...clocks, area: "Riverside" });
  expect(watch.checks().map(({ name }) => name)).toContain("meter gateway of Riverside");
});
