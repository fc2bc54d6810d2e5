import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keyNames } from "#community/keyNames.ts";
import { loadScenario } from "#community/loadScenario.ts";
import { openCommunityNode } from "#community/openCommunities.ts";
import { archivesOf } from "#community/pool/archives.ts";
import type { AreaRoles, AreaStart } from "#community/pool/areaDuties.ts";
import { recordedIntervals, reliveRecord } from "#community/pool/recordedIntervals.ts";
import { type IntervalReport, runIntervals } from "#community/pool/runIntervals.ts";
import { startRoles } from "#community/pool/startRoles.ts";
import { participantRegistryContract } from "#domains/accounts/contracts.generated.ts";
import { readMargins } from "#domains/accounts/participants.ts";
import { auditNetwork } from "#domains/audit.ts";
import { projectorOf } from "#domains/domains.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { createMarketOperator } from "#domains/pool/marketOperator.ts";
import { createMarketView } from "#domains/pool/marketView.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { readInterval } from "#domains/pool/poolMarket.ts";
import { listPastIntervals } from "#domains/pool/queries/replay.ts";
import { type ClearingSubmission, submissionsOf } from "#domains/pool/submissions.ts";
import { endsAt } from "#kernel/units/interval.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { contractCall, createSender, type Sender } from "#platform/chain/sender.ts";
import { catchUp } from "#platform/store/indexer.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import { accountOf, PARTIES } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";

/*
 * The Brooklyn community, whose operator clears in steps of three orders and crashes twice between two of them: once it
 * is back before delivery begins, once after. Each test goes on where the one before it ended.
 */

const STEP_ORDERS = 3;

let workspace: string;
let scenario: Scenario;
let life: Awaited<ReturnType<typeof start>>;

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "commonwatt-interrupted-"));
  scenario = (await loadScenario({ folder: "scenarios/brooklyn" })).scenario;
  life = await start();
});
afterAll(async () => {
  await end();
  rmSync(workspace, { recursive: true, force: true });
});

/** Starts the community anew, from the chain and the archives alone. */
async function start() {
  const node = await openCommunityNode({
    workspace,
    name: "brooklyn",
    scenario,
    scenarioFolder: "scenarios/brooklyn",
    onProgress: () => {},
  });
  const { areaId, deployment } = node.founded;
  const place = { intervalSecondsOf: () => scenario.intervalSeconds };
  const readings = openReadingArchive({ directory: join(workspace, "readings"), ...place });
  const orders = openOrderArchive({ directory: join(workspace, "orders"), ...place });
  const archives = archivesOf({ readings, orders, areaId });
  const roles = await startRoles(node, { archives, maxStepOrders: STEP_ORDERS });
  const store = await openMemoryStore({ deployment });
  const sources = { readingsOf: readings.readingsOf, ordersOf: orders.ordersOf, tariffOf: () => null };
  const index = () =>
    catchUp({ store, client: node.network.client, projector: projectorOf(sources), pollMs: null });
  await index();
  return { node, roles, archives, readings, orders, store, index };
}

async function end(): Promise<void> {
  await life?.store.close();
  await life?.node.stop();
}

function resume(): Promise<AreaStart> {
  const { roles, store } = life;
  const { firstIntervalId } = scenario;
  const record = recordedIntervals(store.db, { areaId: roles.areaId, firstIntervalId });
  return reliveRecord(roles.homes!, { record, firstIntervalId });
}

async function run(start: AreaStart, end: number, roles: AreaRoles = life.roles): Promise<IntervalReport[]> {
  const reports: IntervalReport[] = [];
  for await (const report of runIntervals([{ roles, start, end }])) reports.push(report);
  await life.index();
  return reports;
}

const from = (nextIntervalId: number): AreaStart => ({ nextIntervalId, unfinished: [] });

/** The operator of this life, with `intercept` between it and the chain. */
function operatorThrough(intercept: (send: Sender["send"]) => Sender["send"]) {
  const { node, archives } = life;
  const { deployment, areaId } = node.founded;
  const sender = createSender(node.network, node.keyring.key(keyNames.operator).hex);
  return createMarketOperator({
    sender: { ...sender, send: intercept(sender.send) },
    deployment,
    market: createMarketView(node.network, deployment, areaId),
    areaId,
    terms: life.roles.terms,
    maxStepOrders: STEP_ORDERS,
    ...archives,
  });
}

/** Runs intervals until the operator's process ends between the first and the second step of the last one's clearing. */
async function runUntilCrash(first: number, last: number): Promise<void> {
  await new Promise<void>((crash, fail) => {
    const operator = operatorThrough((send) => async (call) => {
      if ((await stepsOf(last)) === 0) return send(call);
      crash();
      return new Promise(() => {});
    });
    const notInterrupted = () => fail(new Error(`interval ${last} was not interrupted`));
    run(from(first), last + 1, { ...life.roles, operator }).then(notInterrupted, fail);
  });
  expect([(await intervalOf(last)).stage, await stepsOf(last)]).toEqual(["clearing", 1]);
  await end();
  life = await start();
}

function intervalOf(intervalId: number) {
  const { network, founded } = life.node;
  return readInterval(network, founded.deployment, { areaId: founded.areaId, intervalId });
}

/** Steps of the clearing that is under way, or came to its end, of an interval that was cleared once. */
function stepsOf(intervalId: number, attempt = 0): Promise<number> {
  const { network, founded } = life.node;
  const market = createMarketView(network, founded.deployment, founded.areaId);
  return market.stepsOf({ intervalId, attempt });
}

/** Margins of the supplier and the homes by member, micro. */
async function margins(): Promise<ReadonlyMap<number, bigint>> {
  const { network, founded } = life.node;
  const members = [PARTIES.supplier, ...scenario.homes.map(({ member }) => member)];
  const { areaId, deployment } = founded;
  return readMargins(network, deployment, { market: "poolMarket", areaId, members });
}

async function stages() {
  const { firstIntervalId } = scenario;
  const query = { areaId: life.roles.areaId, firstIntervalId, limit: 10 };
  return (await listPastIntervals(life.store.db, query)).map(({ stage }) => stage);
}

async function expectClean(checked: object): Promise<void> {
  const { node, readings, orders } = life;
  const report = await auditNetwork({
    network: node.network,
    deployment: node.founded.deployment,
    readings: async (areaId, intervalId) => readings.readingsOf(areaId, intervalId),
    orders: async (areaId, intervalId) =>
      orders.ordersOf(areaId, intervalId).filter(({ refusal }) => refusal === null),
  });
  expect(report).toMatchObject({ verdict: "clean", checked, notes: [] });
}

/** The interval so many after the first. Where one is over the next has begun: a run that starts then can't clear it. */
const at = (index: number) => scenario.firstIntervalId + index;

/** What the homes owe for the settled intervals of some reports, micro, by member. */
function owedIn(reports: readonly IntervalReport[]): ReadonlyMap<number, bigint> {
  const owed = new Map(scenario.homes.map(({ member }) => [member, 0n]));
  for (const report of reports)
    if (report.status === "settled")
      for (const [member, { netMicro }] of report.settled.outcome.settlements)
        owed.set(member, (owed.get(member) ?? 0n) + netMicro);
  return owed;
}

async function expectPaid(before: ReadonlyMap<number, bigint>, reports: readonly IntervalReport[]) {
  const after = await margins();
  for (const [member, micro] of owedIn(reports))
    expect([member, before.get(member)! - after.get(member)!]).toEqual([member, micro]);
}

test("a clearing of several steps goes on where it stopped, and is settled", async () => {
  await runUntilCrash(at(0), at(0));
  expect(await stages()).toEqual(["clearing"]);
  const resumed = await resume();
  expect(resumed).toEqual(from(at(0)));
  const [report, next] = await run(resumed, at(2));
  expect(report).toMatchObject({ status: "settled", settled: { outcome: { intervalId: at(0) } } });
  expect(next).toMatchObject({ status: "settled", settled: { outcome: { intervalId: at(1) } } });
  expect(await stages()).toEqual(["settled", "settled"]);
  // The last step is the clearing itself.
  expect(await stepsOf(at(0))).toBeGreaterThanOrEqual(1);
  await expectClean({
    "pool.clearings": 2,
    "pool.settlements": 2,
    "pool.openIntervals": 0,
    "pool.abandoned": 0,
  });
});

test("a clearing whose delivery began is given back to the micro, and the market goes on", async () => {
  const before = await margins();
  await runUntilCrash(at(2), at(3));
  expect((await intervalOf(at(3))).escrowMicro).toBeGreaterThan(0);
  await life.roles.clock.advanceTo(endsAt(at(3), scenario.intervalSeconds));
  const reports = await run(await resume(), at(6));
  expect(reports.map(({ intervalId, status }) => [intervalId - at(0), status])).toEqual([
    [2, "failed"],
    [3, "failed"],
    [4, "failed"],
    [5, "settled"],
  ]);
  expect(await intervalOf(at(3))).toMatchObject({ stage: "collecting", attempt: 1, escrowMicro: 0 });
  await expectPaid(before, reports);
  expect((await stages()).slice(2)).toEqual(["collecting", "collecting", "collecting", "settled"]);
  await expectClean({ "pool.clearings": 3, "pool.openIntervals": 0, "pool.abandoned": 1 });
});

test("a clearing that stops while the market runs is given back once delivery begins", async () => {
  const before = await margins();
  const operator = operatorThrough((send) => async (call) => {
    if (call.label === "clear" && (await stepsOf(at(7))) === 1) throw new Error("the node is gone");
    return send(call);
  });
  const reports = await run(from(at(6)), at(8), { ...life.roles, operator });
  expect(reports[1]).toMatchObject({ status: "failed", cause: { code: "clearingInterrupted" } });
  expect(await intervalOf(at(7))).toMatchObject({ stage: "collecting", attempt: 1, escrowMicro: 0 });
  await expectPaid(before, reports);
  await expectClean({ "pool.clearings": 3, "pool.openIntervals": 0, "pool.abandoned": 2 });
});

test("a clearing whose next step is refused for a member's sake is abandoned, and cleared anew without it", async () => {
  const before = await margins();
  const { node } = life;
  const registrar = createSender(node.network, node.keyring.key(keyNames.registrar).hex);
  let suspended: number | null = null;
  const operator = operatorThrough((send) => async (call) => {
    const isSecondStep = call.label === "clear" && (await stepsOf(at(9))) === 1;
    if (isSecondStep && suspended === null) {
      const { bids, offers } = submissionsOf(call.data)[0]!.brought as ClearingSubmission;
      suspended = [...bids, ...offers][0]!.participant;
      await registrar.send(suspendCall(suspended));
    }
    return send(call);
  });
  const [, report] = await run(from(at(8)), at(10), { ...life.roles, operator });
  expect(suspended).not.toBeNull();
  expect(await intervalOf(at(9))).toMatchObject({ stage: "settled", attempt: 1, escrowMicro: 0 });
  if (report?.status !== "settled") throw report?.cause;
  expect(report.settled.outcome.positions.size).toBeGreaterThan(0);
  expect([...report.settled.outcome.positions.keys()]).not.toContain(suspended);
  const dropped = life.orders
    .ordersOf(life.roles.areaId, at(9))
    .filter(({ refusal }) => refusal !== null)
    .map(({ participant, refusal }) => [participant, refusal]);
  expect(new Set(dropped.map(String))).toEqual(new Set([`${suspended},NotTradable`]));
  await expectPaid(before, [report]);
  await expectClean({ "pool.clearings": 4, "pool.openIntervals": 0, "pool.abandoned": 3 });
});

/** Stops a home from trading, at once. */
function suspendCall(member: number) {
  return contractCall({
    address: addressOf(life.node.founded.deployment, "registry"),
    abi: participantRegistryContract.abi,
    functionName: "suspend",
    args: [accountOf(scenario, member)],
  });
}
