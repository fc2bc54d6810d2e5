import { expect, test } from "vitest";
import { NOW, openApiFixture, WORLD_NOW } from "#platform/api/api.fixture.ts";

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
