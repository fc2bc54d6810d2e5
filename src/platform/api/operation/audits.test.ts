import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { progressOf } from "#platform/store/project.ts";
import type { AuditState, Audits } from "./auditRuns.ts";

/* What the routes do with audits that are driven by hand; test/e2e/auditApi.test.ts runs real ones. */

const IDLE: AuditState = { state: "idle", progress: null, last: null };
const LAST: NonNullable<AuditState["last"]> = {
  startedAt: 1,
  finishedAt: 2,
  verdict: "clean",
  sentence: "blocks 1 to 9 are clean",
  fromBlock: 1,
  toBlock: 9,
  toBlockHash: "0xaa",
  checked: { blocks: 9 },
  notes: [],
  discrepancy: null,
};

function drivenAudits() {
  const listeners = new Set<() => void>();
  const audits = { state: IDLE, runs: 0 };
  const change = (state: AuditState) => {
    audits.state = state;
    for (const listener of listeners) listener();
  };
  const driven: Audits = {
    state: () => audits.state,
    run() {
      audits.runs += 1;
      change({ ...audits.state, state: "running" });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return { audits: driven, change, runs: () => audits.runs, listeners };
}

let api: ApiFixture;
let driven: ReturnType<typeof drivenAudits>;

beforeAll(async () => {
  driven = drivenAudits();
  api = await openApiFixture({ audits: driven.audits });
});
afterAll(() => api?.close());

test("without an auditor there is nothing to ask", async () => {
  const bare = await openApiFixture();
  for (const [method, url] of [
    ["GET", "/v1/audit"],
    ["POST", "/v1/audit"],
    ["GET", "/v1/audit/events"],
  ] as const)
    expect((await bare.app.inject({ method, url })).statusCode).toBe(404);
  await bare.close();
});

test("a run is started by a post, but not by another site's page", async () => {
  expect((await api.app.inject("/v1/audit")).json()).toEqual({ ...IDLE, blocksSince: null });
  const post = (headers = {}) => api.app.inject({ method: "POST", url: "/v1/audit", headers });
  expect((await post({ "sec-fetch-site": "cross-site" })).statusCode).toBe(403);
  expect((await post({ origin: "https://elsewhere.example" })).statusCode).toBe(403);
  expect(driven.runs()).toBe(0);
  const started = await post();
  expect([started.statusCode, started.json()]).toEqual([
    202,
    { ...IDLE, state: "running", blocksSince: null },
  ]);
  expect(driven.runs()).toBe(1);
});

test("a stream begins with how it stands, and tells progress and the result", async () => {
  const { change, listeners } = driven;
  change(IDLE);
  const address = await api.app.listen({ host: "127.0.0.1", port: 0 });
  const reader = new AbortController();
  const response = await fetch(`${address}/v1/audit/events`, { signal: reader.signal });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const states = [
    { ...IDLE, state: "running" as const },
    { ...IDLE, state: "running" as const, progress: { block: 3, lastBlock: 9 } },
    { ...IDLE, last: LAST },
  ];
  const received: [string, AuditState][] = [];
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let at = text.indexOf("\n\n"); at >= 0; at = text.indexOf("\n\n")) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, at)) ?? [];
      text = text.slice(at + 2);
      if (!event || !data) continue;
      received.push([event, JSON.parse(data)]);
      const next = states[received.length - 1];
      if (next) change(next);
    }
    if (received.length === 4) break;
  }
  const blocksSince = (await progressOf(api.store.db))!.block - LAST.toBlock!;
  expect(blocksSince).toBeGreaterThan(0);
  expect(received).toEqual([
    ["result", { ...IDLE, blocksSince: null }],
    ["progress", { ...states[0], blocksSince: null }],
    ["progress", { ...states[1], blocksSince: null }],
    ["result", { ...states[2], blocksSince }],
  ]);
  reader.abort();
  await expect.poll(() => listeners.size).toBe(0);
});
