import { expect, test } from "vitest";
import { NOW, openApiFixture, WORLD_NOW } from "#platform/api/api.fixture.ts";
import type { BehindDuty } from "#platform/runtime/dutyWatch.ts";
import { AREA_ID, INTERVAL_SECONDS } from "#platform/store/marketHistory.fixture.ts";

test("the status says what runs and how far it is, also while a part is down", async () => {
  const down = { name: "meter gateway", isReady: false, detail: "has not worked for an hour" };
  const api = await openApiFixture({ readiness: async () => [down], worldNow: () => WORLD_NOW + 0.25 });
  const answer = await api.app.inject({ url: "/v1/status" });
  expect(answer.statusCode).toBe(200);
  const newest = Math.max(...api.history.events.map(({ block }) => block));
  expect(answer.json()).toMatchObject({
    startedAt: WORLD_NOW,
    worldNow: WORLD_NOW,
    marketNow: NOW,
    lastBlock: newest,
    checks: [{ name: "database", isReady: true }, down],
  });
  expect(answer.json().version).toMatch(/^\d+\.\d+\.\d+$/);
  await api.close();
});

test("the status names the last interval of each area with its stage", async () => {
  const api = await openApiFixture();
  const place = { areaId: AREA_ID, area: "Riverside <b>&", intervalId: 102 };
  const [startsAt, endsAt] = [102 * INTERVAL_SECONDS, 103 * INTERVAL_SECONDS];
  const status = async () => (await api.app.inject({ url: "/v1/status" })).json();
  expect((await status()).lastIntervals).toEqual([{ ...place, startsAt, endsAt, status: "cleared" }]);
  api.history.clear(103, []);
  await api.follow();
  expect((await status()).lastIntervals).toMatchObject([{ intervalId: 103, status: "untraded" }]);
  await api.close();
});

test("the status names the duties that are behind, since when, and at most 50", async () => {
  const duty = (intervalId: number): BehindDuty => ({
    ...{ name: "publish", areaId: AREA_ID, intervalId, since: intervalId * INTERVAL_SECONDS },
    waitsFor: intervalId === 7 ? null : "2 of the readings",
  });
  const behind = Array.from({ length: 60 }, (_, i) => duty(7 + i));
  const api = await openApiFixture({ dutiesBehind: () => behind });
  const { dutiesBehind } = (await api.app.inject({ url: "/v1/status" })).json();
  expect(dutiesBehind).toEqual(behind.slice(0, 50).map((each) => ({ ...each, area: "Riverside <b>&" })));
  await api.close();
});

test("the status does not call an interval absent that it can't read", async () => {
  const api = await openApiFixture();
  await api.store.close();
  const answer = await api.app.inject({ url: "/v1/status" });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ lastIntervals: null, lastBlock: null });
  await api.app.close();
});
