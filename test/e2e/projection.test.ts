import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPublicClient, custom, http, RpcRequestError } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PoolNode } from "#community/communityNode.ts";
import { loadScenario } from "#community/loadScenario.ts";
import { openCommunityNode } from "#community/openCommunities.ts";
import { archivesOf } from "#community/pool/archives.ts";
import { runIntervals } from "#community/pool/runIntervals.ts";
import { startRoles } from "#community/pool/startRoles.ts";
import { readFree, readMargin } from "#domains/accounts/participants.ts";
import { listParticipants } from "#domains/accounts/queries/participants.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { margins, seats } from "#domains/accounts/tables.ts";
import { listBillLines } from "#domains/billing/queries/bills.ts";
import { CONTRACTS, type DomainEvent, projectorOf, type Sources } from "#domains/domains.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { readings } from "#domains/metering/tables.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { tradesOfCharges } from "#domains/pool/rules/poolCharges.ts";
import { isPaid } from "#domains/pool/rules/stage.ts";
import { intervals } from "#domains/pool/tables.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import type { EmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import { readHistory } from "#platform/chain/history.ts";
import { dumpTables } from "#platform/store/dumpTables.ts";
import { catchUp, type IndexerOptions, startIndexer } from "#platform/store/indexer.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import { emptyStore, type Store } from "#platform/store/openStore.ts";
import { progressOf, project, rebuild } from "#platform/store/project.ts";
import { cursor, events, transactions } from "#platform/store/schema.ts";
import { accountOf } from "#world/simulation/accounts.ts";
import { type Bills, createBills } from "#world/simulation/runBills.ts";
import type { Scenario } from "#world/simulation/scenario.ts";

const INTERVALS = 6;

let workspace: string;
let node: PoolNode<EmbeddedChain>;
let scenario: Scenario;
let bills: Bills;
let store: Store;
let sources: Sources;
let history: DomainEvent[];
let indexing: IndexerOptions<Sources>;

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "commonwatt-projection-"));
  const loaded = await loadScenario({ folder: "scenarios/brooklyn" });
  const terms = { ...loaded.scenario.terms, gateClosureSeconds: 300, gridFeeMicroPerKwh: 20_000n };
  scenario = { ...loaded.scenario, terms, forecast: "learned" };
  node = await openCommunityNode({
    workspace,
    name: "test",
    scenario,
    scenarioFolder: "scenarios/brooklyn",
    onProgress: () => {},
  });
  const place = { intervalSecondsOf: () => scenario.intervalSeconds };
  const archive = openReadingArchive({ directory: join(workspace, "readings"), ...place });
  const orders = openOrderArchive({ directory: join(workspace, "orders"), ...place });
  const roles = await startRoles(node, {
    archives: archivesOf({ readings: archive, orders, areaId: node.founded.areaId }),
  });
  bills = createBills(scenario);
  const start = { nextIntervalId: scenario.firstIntervalId, unfinished: [] };
  const end = scenario.firstIntervalId + INTERVALS;
  for await (const report of runIntervals([{ roles, start, end }])) {
    if (report.status === "failed") throw report.cause;
    bills.record(report.settled.outcome);
  }
  const { deployment } = node.founded;
  sources = {
    readingsOf: archive.readingsOf,
    ordersOf: orders.ordersOf,
    tariffOf: (_, intervalId) => scenario.tariff.at(intervalId - scenario.firstIntervalId),
  };
  store = await openMemoryStore({ deployment });
  const { client } = node.network;
  indexing = { store, client, projector: projectorOf(sources), pollMs: null };
  await catchUp(indexing);
  const toBlock = Number(await client.getBlockNumber());
  history = [];
  for await (const event of readHistory({ client, specs: CONTRACTS, deployment, fromBlock: 0, toBlock }))
    history.push(event as DomainEvent);
});

afterAll(async () => {
  await store?.close();
  await node?.stop();
  rmSync(workspace, { recursive: true, force: true });
});

test("the history is in the order of the chain and every submission is decoded", () => {
  const places = history.map(({ block, logIndex }) => block * 10_000 + logIndex);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  const submitted = history.filter((event) => "submission" in event);
  expect(submitted.some(({ kind }) => kind === "pageSettled")).toBe(true);
  for (const event of submitted) expect(event).toMatchObject({ submission: expect.anything() });
  const cleared = history.filter((event) => event.kind === "intervalCleared");
  expect(cleared.map(({ intervalId }) => intervalId - scenario.firstIntervalId)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(cleared.every(({ purpose }) => purpose?.includes("clear"))).toBe(true);
});

test("a node that refuses long ranges of blocks gives the same history", async () => {
  const { client } = node.network;
  const ranges: number[] = [];
  const refusing = createPublicClient({
    transport: custom({
      async request({ method, params }) {
        if (method === "eth_getLogs") {
          const blocks = Number(params[0].toBlock) - Number(params[0].fromBlock) + 1;
          ranges.push(blocks);
          const error = { code: -32_005, message: "query returned more than 10000 results" };
          if (blocks > 20) throw new RpcRequestError({ body: { method, params }, error, url: "" });
        }
        return client.request({ method, params });
      },
    }),
  });
  const found: DomainEvent[] = [];
  const toBlock = Number(await client.getBlockNumber());
  const { deployment } = node.founded;
  for await (const event of readHistory({
    client: refusing,
    specs: CONTRACTS,
    deployment,
    fromBlock: 0,
    toBlock,
  }))
    found.push(event as DomainEvent);
  expect(found).toEqual(history);
  expect(Math.max(...ranges)).toBeGreaterThan(20);
});

test("balances in the database are those on the chain", async () => {
  const { network, founded } = node;
  const rows = await listParticipants(store.db, { limit: 500, offset: 0 });
  expect(rows.length).toBeGreaterThan(scenario.homes.length);
  for (const { account, freeMicro, escrowMicro } of rows) {
    expect(freeMicro).toBe(await readFree(network, founded.deployment, account));
    expect(escrowMicro).toBe(0n);
  }
  const known = new Map((await store.db.select().from(margins)).map((row) => [row.seat, row.marginMicro]));
  const members = await store.db.select().from(seats);
  expect(members.length).toBe(scenario.homes.length + 3);
  for (const { areaId, member } of members)
    expect(known.get(seatOf({ areaId, member })) ?? 0n).toBe(
      await readMargin(network, founded.deployment, { market: "poolMarket", areaId, member }),
    );
});

test("the bills in the database are those of the run, to the micro", async () => {
  for (const { member } of scenario.homes) {
    const account = accountOf(scenario, member);
    const lines = await listBillLines(store.db, { account, limit: INTERVALS + 1, offset: 0 });
    const sum = (pick: (line: (typeof lines)[number]) => bigint | null) =>
      lines.reduce((total, line) => total + (pick(line) ?? 0n), 0n);
    expect(lines).toHaveLength(INTERVALS);
    const expected = bills.participant(member);
    expect({
      boughtWh: sum((line) => tradesOfCharges(line.charges).boughtWh),
      soldWh: sum((line) => tradesOfCharges(line.charges).soldWh),
      importWh: sum((line) => line.importWh),
      exportWh: sum((line) => line.exportWh),
      marketBillMicro: sum((line) => line.netMicro) + sum((line) => line.beyondMicro),
      tariffBillMicro: sum((line) => line.tariffMicro),
      savingMicro: expected.savingMicro,
    }).toEqual(expected);
  }
});

test("intervals, readings and gas are complete", async () => {
  const settled = await store.db.select().from(intervals);
  expect(settled).toHaveLength(INTERVALS);
  const { clearedWh, welfareMicro } = bills.community();
  expect(settled.every(({ stage, publishedAt }) => isPaid(stage) && publishedAt !== null)).toBe(true);
  expect(settled.reduce((sum, row) => sum + row.clearedWh, 0n)).toBe(clearedWh);
  expect(settled.reduce((sum, row) => sum + (row.welfareMicro ?? 0n), 0n)).toBe(welfareMicro);
  const known = await store.db.select().from(readings);
  expect(known).toHaveLength(INTERVALS * scenario.homes.length);
  expect(known.every(({ proof, signature }) => proof !== "unproven" && signature !== null)).toBe(true);
  expect(settled.every(({ isBookComplete }) => isBookComplete)).toBe(true);
  const paid = await store.db.select().from(transactions);
  expect(paid.every(({ gasUsed }) => gasUsed > 21_000n)).toBe(true);
});

test("projecting again changes nothing, and a rebuilt database is identical", async () => {
  const before = await dumpTables(store);
  expect(before.orders?.length).toBeGreaterThan(0);
  expect(await project(store, history, projectorOf(sources))).toEqual([]);
  expect(await dumpTables(store)).toEqual(before);
  const progress = await progressOf(store.db);
  await rebuild(store, history, projectorOf(sources));
  await catchUp(indexing);
  expect(await progressOf(store.db)).toEqual(progress);
  expect(await dumpTables(store)).toEqual(before);
});

test("a replaced block makes the indexer rebuild the database", async () => {
  const before = await dumpTables(store);
  await store.db.update(cursor).set({ blockHash: `0x${"00".repeat(32)}` });
  await store.db.delete(events);
  const notices: string[] = [];
  await catchUp({ ...indexing, onNotice: (sentence) => notices.push(sentence) });
  expect(notices).toHaveLength(1);
  expect(await dumpTables(store)).toEqual(before);
});

test("the indexer follows the chain, tells what is new once, and fails without losing its place", async () => {
  const before = await dumpTables(store);
  await emptyStore(store);
  const told: ChainEvent[] = [];
  const onEvents = (list: readonly ChainEvent[]) => void told.push(...list);
  const indexer = startIndexer({ ...indexing, pollMs: 60_000, onEvents });
  await Promise.all([indexer.poke(), indexer.poke()]);
  expect(told).toEqual(history);
  await node.chain.mine();
  await indexer.poke();
  await indexer.stop();
  await node.chain.mine();
  await indexer.poke();
  expect((await progressOf(store.db))?.block).toBe(Number(await node.network.client.getBlockNumber()) - 1);
  const unreachable = createPublicClient({ transport: http("http://127.0.0.1:1", { retryCount: 0 }) });
  await expect(startIndexer({ ...indexing, client: unreachable }).poke()).rejects.toThrow();
  const { cursor: _old, ...rest } = before;
  expect(await dumpTables(store)).toMatchObject(rest);
  expect(told).toEqual(history);
});
