import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadScenario } from "#community/loadScenario.ts";
import { networkFolder, readNetwork } from "#community/workspace.ts";
import { DOMAINS, projectorOf } from "#domains/domains.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { type SignedIn, type Signer, signInAt } from "#platform/api/identity/signIn.fixture.ts";
import { startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { connectNetwork } from "#platform/chain/network.ts";
import { dumpTables } from "#platform/store/dumpTables.ts";
import { catchUp } from "#platform/store/indexer.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import { openStore } from "#platform/store/openStore.ts";
import { isProcessAlive, type ProcessIdentity } from "#platform/system/processIdentity.ts";
import { commonwatt, type Running, startCommonwatt } from "./program.fixture.ts";

/*
 * One community, as its operator meets it: started, asked, stopped, started again, killed, started again, audited. Each
 * test goes on where the one before it ended.
 */

const FOLDER = "scenarios/riverside";
const UP = ["up", "--scenario", FOLDER, "--port", "0", "--speed", "1800"];

let directory: string;
let running: Running;
/** What the API said of settled intervals before each stop, by interval. */
const remembered = new Map<number, Interval>();
let savedBefore: Bill[];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-up-"));
});
afterAll(async () => {
  running?.process.kill("SIGKILL");
  await running?.finished;
  // The chain of a killed program ends when the next one takes its directory over.
  const chain = readNetwork(directory, "riverside") ? await startChain().catch(() => null) : null;
  await chain?.stop();
  rmSync(directory, { recursive: true, force: true });
});

type Interval = {
  intervalId: number;
  status: string;
  clearedWh: string;
  trades: number;
  readings: { root: string };
};
type Bill = { account: number; intervals: number; tariffBillMicro: string };

async function pageAddress(): Promise<string> {
  const [, address = ""] = await running.line(/page and API +(http:\S+)/);
  return address;
}

async function get<T>(path: string, headers: Partial<SignedIn> = {}): Promise<T> {
  const response = await fetch(`${await pageAddress()}${path}`, { headers });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

/** The demonstration's wallet, in the operator's role. */
async function operatorsWallet(): Promise<Signer> {
  type State = { demonstration: { roles: { role: string; address: Signer["address"] }[] } };
  const { roles } = (await get<State>("/v1/session")).demonstration;
  const { address } = roles.find(({ role }) => role === "operator")!;
  const sign: Signer["sign"] = async (message) => {
    const response = await fetch(`${await pageAddress()}/v1/demonstration/requests`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ address, method: "personal_sign", params: [message, address] }),
    });
    return ((await response.json()) as { result: Awaited<ReturnType<Signer["sign"]>> }).result;
  };
  return { address, sign };
}

async function settledIntervals(limit = 500): Promise<Interval[]> {
  return (await get<{ intervals: Interval[] }>(`/v1/intervals?status=settled&limit=${limit}`)).intervals;
}

async function bills(): Promise<Bill[]> {
  const operator = await signInAt(await pageAddress(), await operatorsWallet());
  return (await get<{ bills: Bill[] }>("/v1/bills?limit=500", operator)).bills;
}

function startChain() {
  const { deployment } = readNetwork(directory, "riverside")!;
  const chain = join(networkFolder(directory, "riverside"), "chain");
  return startEmbeddedChain({ directory: chain, chainId: deployment.chainId, genesisTimestamp: 0 });
}

function chainProcess(): ProcessIdentity {
  const path = join(networkFolder(directory, "riverside"), "chain", "anvil.pid");
  return JSON.parse(readFileSync(path, "utf8")) as ProcessIdentity;
}

/** Numbers follow each other without a gap. */
function expectConsecutive(intervals: readonly Interval[]): void {
  const ids = intervals.map(({ intervalId }) => intervalId).sort((a, b) => a - b);
  expect(ids).toEqual(ids.map((_, i) => ids[0]! + i));
}

it("starts from nothing, settles an interval with trades, and shows it", async () => {
  running = startCommonwatt(UP, { directory });
  await running.line(/settled: .* in \d+ trades/);
  const page = await settledIntervals(5);
  expect(page.length).toBeGreaterThan(0);
  expect(page.every(({ status }) => status === "settled")).toBe(true);
  expect(page.some(({ trades, clearedWh }) => trades > 0 && BigInt(clearedWh) > 0n)).toBe(true);
});

it("holds its directory: a second one is refused and told by whom", async () => {
  const { exitCode, stderr } = await commonwatt(UP, { directory });
  expect(exitCode).toBe(1);
  expect(stderr).toContain(String(running.process.pid));
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

it("is audited while it runs", async () => {
  const { exitCode, stdout, stderr } = await commonwatt(["audit", "--json"], { directory });
  expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/auditing riverside/)]);
  expect(JSON.parse(stdout)).toMatchObject({ verdict: "clean" });
});

it("is audited through its page's address too, where nobody can administer the chain", async () => {
  const args = ["audit", "--json", "--rpc", `${await pageAddress()}/rpc`];
  const { exitCode, stdout } = await commonwatt(args, { directory });
  expect([exitCode, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ verdict: "clean" })]);
});

it("shows bills to nobody who is not signed in", async () => {
  const response = await fetch(`${await pageAddress()}/v1/bills`);
  expect(response.status).toBe(401);
});

it("stops when it is asked to, with exit code 0 and nothing left running", async () => {
  for (const interval of await settledIntervals()) remembered.set(interval.intervalId, interval);
  savedBefore = await bills();
  const chain = chainProcess();
  expect(isProcessAlive(chain)).toBe(true);
  running.process.kill("SIGINT");
  const { exitCode, stdout, stderr } = await running.finished;
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/stopping: what was settled is kept\n$/);
  expect(isProcessAlive(chain)).toBe(false);
});

it("goes on after a stop: numbers continue and bills don't restart", async () => {
  running = startCommonwatt(UP, { directory });
  const [, count] = await running.line(/going on after (\d+) settled intervals/);
  expect(Number(count)).toBeGreaterThanOrEqual(remembered.size);
  await running.line(/settled: .* in \d+ trades/);
  const intervals = await settledIntervals();
  expect(intervals.length).toBeGreaterThan(remembered.size);
  expectConsecutive(intervals);
  for (const [intervalId, before] of remembered)
    expect(intervals.find((interval) => interval.intervalId === intervalId)).toEqual(before);
  for (const now of await bills()) {
    const before = savedBefore.find(({ account }) => account === now.account);
    expect(now.intervals).toBeGreaterThan(before?.intervals ?? 0);
  }
});

it("loses nothing that it said was settled when it is killed", async () => {
  for (const interval of await settledIntervals()) remembered.set(interval.intervalId, interval);
  running.process.kill("SIGKILL");
  expect((await running.finished).exitCode).toBeNull();
  running = startCommonwatt([...UP, "--intervals", "4"], { directory });
  await running.line(/going on after/);
  await running.line(/settled: /);
  const intervals = await settledIntervals();
  expectConsecutive(intervals);
  for (const [intervalId, before] of remembered)
    expect(intervals.find((interval) => interval.intervalId === intervalId)).toEqual(before);
  const { exitCode, stdout, stderr } = await running.finished;
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).not.toMatch(/failed:/);
});

it("has a database that a rebuilt one equals", async () => {
  const { deployment } = readNetwork(directory, "riverside")!;
  const folder = networkFolder(directory, "riverside");
  const { scenario } = await loadScenario({ folder: FOLDER });
  const kept = await openStore({ directory: folder, deployment, domains: DOMAINS });
  const rebuilt = await openMemoryStore({ deployment });
  const chain = await startChain();
  try {
    const { client } = await connectNetwork({ rpcUrl: chain.rpcUrl });
    const place = { intervalSecondsOf: () => scenario.intervalSeconds };
    const { readingsOf } = openReadingArchive({ directory: join(folder, "readings"), ...place });
    const { ordersOf } = openOrderArchive({ directory: join(folder, "orders"), ...place });
    const tariffOf = (_: number, intervalId: number) =>
      scenario.tariff.at(intervalId - scenario.firstIntervalId);
    const sources = { readingsOf, ordersOf, tariffOf };
    await catchUp({ store: rebuilt, client, projector: projectorOf(sources), pollMs: null });
    const dump = await dumpTables(kept);
    expect(dump.intervals?.length).toBeGreaterThan(remembered.size);
    expect(await dumpTables(rebuilt)).toEqual(dump);
  } finally {
    await chain.stop();
    await rebuilt.close();
    await kept.close();
  }
});

it("is clean to an auditor afterwards", async () => {
  const { exitCode, stdout } = await commonwatt(["audit"], { directory });
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/\S/)]);
});

it("refuses a damaged snapshot, and with --recover goes on from the older one without losing a block", async () => {
  const chain = join(networkFolder(directory, "riverside"), "chain");
  const blockOf = (name: string) => Number(/^state-(\d+)/.exec(name)?.[1] ?? -1);
  const [newest] = readdirSync(chain).sort((a, b) => blockOf(b) - blockOf(a));
  truncateSync(join(chain, newest!), 1_000);
  const refused = await commonwatt([...UP, "--intervals", "1"], { directory });
  expect([refused.exitCode, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/state-\d+\.rlp\.gz .*--recover/),
  ]);
  const { exitCode, stdout } = await commonwatt([...UP, "--intervals", "1", "--recover"], { directory });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(new RegExp(`back to block ${blockOf(newest!)}: .* is lost, no block is`));
  expect(stdout).not.toMatch(/database is rebuilt/);
  // Its gate closed before the stop: it was cleared by then, and is settled now.
  expect(stdout).toMatch(/settled: .* in [1-9]\d* trades/);
  expect((await commonwatt(["audit"], { directory })).exitCode).toBe(0);
});
