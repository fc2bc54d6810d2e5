import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keyNames } from "#community/keyNames.ts";
import { loadScenario } from "#community/loadScenario.ts";
import { networkFolder } from "#community/workspace.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { keySigner, signInAt } from "#platform/api/identity/signIn.fixture.ts";
import type { AuditState } from "#platform/api/operation/auditRuns.ts";
import { createKeyring } from "#platform/runtime/keyring.ts";
import { type Running, startCommonwatt } from "./program.fixture.ts";

/* A running community, audited and looked after over HTTP. Each test goes on where the one before it ended. */

const FOLDER = "scenarios/riverside";

let directory: string;
let running: Running;
let address: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-audit-api-"));
  running = startCommonwatt(["up", "--scenario", FOLDER, "--port", "0", "--speed", "1800"], { directory });
  address = (await running.line(/page and API +(http:\S+)/))[1]!;
  await running.line(/settled: .* in \d+ trades/);
});
afterAll(async () => {
  running?.process.kill("SIGTERM");
  await running?.finished;
  rmSync(directory, { recursive: true, force: true });
});

async function get<T>(path: string, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(`${address}${path}`, { headers });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

type Told = { readonly event: string; readonly state: AuditState };

/** Runs an audit, and gives what the stream told from its start to its result. */
async function runAudit(): Promise<Told[]> {
  const reader = new AbortController();
  const response = await fetch(`${address}/v1/audit/events`, { signal: reader.signal });
  const told: Told[] = [];
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (!event || !data) continue;
      told.push({ event, state: JSON.parse(data) as AuditState });
      if (told.length > 1) continue;
      const started = await fetch(`${address}/v1/audit`, { method: "POST" });
      expect([started.status, ((await started.json()) as AuditState).state]).toEqual([202, "running"]);
    }
    if (told.length > 1 && told.at(-1)!.event === "result") break;
  }
  reader.abort();
  return told;
}

const resultFile = () => join(networkFolder(directory, "riverside"), "audit.json");

it("runs an audit beside the market, with progress and a clean verdict", async () => {
  expect((await get<AuditState>("/v1/audit")).state).toBe("idle");
  const told = await runAudit();
  const progress = told.flatMap(({ state }) => state.progress ?? []);
  expect(progress.length).toBeGreaterThan(0);
  for (const { block, lastBlock } of progress) expect(block).toBeLessThanOrEqual(lastBlock);
  const { last } = told.at(-1)!.state;
  expect(last).toMatchObject({
    verdict: "clean",
    sentence: expect.stringMatching(/^blocks \d+ to \d+ are clean: \d+ clearings/),
    notes: [],
    discrepancy: null,
  });
  expect(last!.checked["pool.settlements"]).toBeGreaterThan(0);
  expect(last!.finishedAt).toBeGreaterThanOrEqual(last!.startedAt);
  const after = await get<AuditState & { blocksSince: number }>("/v1/audit");
  expect(after).toEqual({ state: "idle", progress: null, last, blocksSince: after.blocksSince });
  expect(after.blocksSince).toBeGreaterThanOrEqual(0);
  expect(JSON.parse(readFileSync(resultFile(), "utf8"))).toEqual(last);
});

it("is ready with all of its roles, and tells its operator so", async () => {
  const { status, checks } = await get<{ status: string; checks: { name: string }[] }>("/ready");
  expect(status).toBe("ready");
  const names = ["database", "chain", "market operator", "meter gateway", "order desk"];
  expect(checks.map(({ name }) => name)).toEqual(names);
  const { scenario } = await loadScenario({ folder: FOLDER });
  const keyring = createKeyring(`demonstration ${scenario.name} ${scenario.seed}`);
  const headers = await signInAt(address, keySigner(keyring.key(keyNames.operator).privateKey));
  const { exceptions, health, throughput } = await get<{
    exceptions: { severity: string }[];
    health: { isReady: boolean }[];
    throughput: { settledIntervals: number; processedPerHour: number | null };
  }>("/v1/operator", headers);
  expect(exceptions.filter(({ severity }) => severity === "act")).toEqual([]);
  expect(health.map(({ isReady }) => isReady)).toEqual(names.map(() => true));
  expect(throughput.settledIntervals).toBeGreaterThan(1);
  expect(throughput.processedPerHour).toBeGreaterThan(0);
});

it("follows an order of the running market from its signature to its payment", async () => {
  const { orders } = await get<{ orders: { orderId: string }[] }>("/v1/orders?status=filled&limit=500");
  const oldest = orders.at(-1)!;
  const { steps } = await get<{ steps: { stage: string; at: number | null; transactionHash: string }[] }>(
    `/v1/orders/${oldest.orderId}/trail`,
  );
  expect(steps.map(({ stage }) => stage)).toEqual([
    ...["signed", "received", "submitted", "cleared", "reserved", "metered", "published", "settled", "paid"],
  ]);
  const times = steps.map(({ at }) => at ?? Number.NaN);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const paid = steps.at(-1)!.transactionHash;
  const transaction = await get<{ purpose: string; events: unknown[] }>(`/v1/transactions/${paid}`);
  expect(transaction).toMatchObject({ purpose: "settle" });
  const { hits } = await get<{ hits: { kind: string }[] }>(`/v1/lookup?q=${paid}`);
  expect(hits).toMatchObject([{ kind: "transaction" }]);
});

it("names the reading that was taken out of the archive", async () => {
  const readings = join(networkFolder(directory, "riverside"), "readings");
  const place = { directory: readings, intervalSecondsOf: () => 900 };
  const [first, ...rest] = [...openReadingArchive({ ...place, isReadOnly: true }).all()];
  for (const name of readdirSync(readings)) rmSync(join(readings, name));
  openReadingArchive(place).append(rest);
  const { areaId, intervalId, member } = first!;
  const { last } = (await runAudit()).at(-1)!.state;
  expect(last).toMatchObject({
    verdict: "discrepancy",
    discrepancy: { rule: "readingMissing", place: { areaId, intervalId } },
  });
  expect(last!.sentence).toContain(`member ${member}`);
});

it("stops at once while an audit runs, and keeps the last result", async () => {
  const before = readFileSync(resultFile(), "utf8");
  expect((await fetch(`${address}/v1/audit`, { method: "POST" })).status).toBe(202);
  running.process.kill("SIGINT");
  const { exitCode, stderr } = await running.finished;
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(readFileSync(resultFile(), "utf8")).toBe(before);
});
