import { describe, expect, it } from "vitest";
import type { CommunityRoles } from "#community/communityRun.ts";
import { createRoleWatch, watchRoles } from "./roleWatch.ts";

const INTERVAL_SECONDS = 900;

function open({ speed = 1 }: { speed?: number } = {}) {
  const time = { market: 9_000, world: 50_000 };
  const watch = createRoleWatch({
    now: () => time.market,
    worldNow: () => time.world,
    intervalSeconds: INTERVAL_SECONDS,
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
      detail: "last cleared interval 12, 2000 s ago by the market's clock",
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

describe("watched roles", () => {
  it("do what they did, and it is noted when it succeeds", async () => {
    const { time, watch, readiness } = open();
    const failing = new Error("the chain refuses");
    const roles = {
      operator: {
        clear: async (intervalId: number) => (intervalId === 1 ? "cleared" : Promise.reject(failing)),
        settle: "settle",
      },
      gateway: { publish: async () => "published", collect: "collect" },
      desk: {
        submit: async ({ energyWh }: { energyWh: number }) => ({
          status: energyWh > 0 ? "accepted" : "refused",
        }),
      },
    } as unknown as CommunityRoles;
    const watched = watchRoles(roles, watch);
    time.market += 4 * INTERVAL_SECONDS;
    await expect(watched.operator.clear(2, [])).rejects.toBe(failing);
    expect(await watched.desk.submit({ energyWh: 0 } as never)).toEqual({ status: "refused" });
    expect(Object.values(readiness())).toEqual([false, false, false]);
    expect(await watched.operator.clear(1, [])).toBe("cleared");
    expect(await watched.gateway.publish(1, new Set())).toBe("published");
    expect(await watched.desk.submit({ energyWh: 1 } as never)).toEqual({ status: "accepted" });
    expect(readiness()).toEqual(ALL);
    expect(watched.operator.settle).toBe("settle");
    expect(watched.gateway.collect).toBe("collect");
  });
});
