import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PoolNode } from "#community/communityNode.ts";
import { keyNames } from "#community/keyNames.ts";
import { loadScenario } from "#community/loadScenario.ts";
import { openCommunityNode } from "#community/openCommunities.ts";
import { archivesOf } from "#community/pool/archives.ts";
import { openHomes } from "#community/pool/homes.ts";
import { type IntervalReport, runIntervals } from "#community/pool/runIntervals.ts";
import { type StartedRoles, startRoles } from "#community/pool/startRoles.ts";
import { clearingHouseContract, participantRegistryContract } from "#domains/accounts/contracts.generated.ts";
import { kycHash, readMargins } from "#domains/accounts/participants.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { auditNetwork } from "#domains/audit.ts";
import { CONTRACTS, type DomainEvent } from "#domains/domains.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { readStaleDirectories } from "#domains/metering/staleDirectories.ts";
import { poolDuties } from "#domains/pool/duties.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { gateClosesAt, settlementPrices } from "#domains/pool/rules/area.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { settlePosition } from "#domains/pool/rules/settlement.ts";
import { waitedUntil } from "#domains/pool/rules/settlementTiming.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { readHistory } from "#platform/chain/history.ts";
import { contractCall, createSender } from "#platform/chain/sender.ts";
import { createCommunity } from "#world/households/community.ts";
import { accountOf, PARTIES } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";

/*
 * The Brooklyn community where things are missing: what is published of a member, the supplier's margin, then the readings of one home, then those of all.
 * Each test goes on where the one before it ended.
 */

/** Until margin that is announced to leave may do so (ClearingHouse), in intervals, and some more. */
const NOTICE_INTERVALS = 10;
const NOTHING = { importWh: 0n, exportWh: 0n };

let workspace: string;
let scenario: Scenario;
let node: PoolNode;
let roles: StartedRoles;
let readings: ReturnType<typeof openReadingArchive>;
let orders: ReturnType<typeof openOrderArchive>;
let nextIntervalId: number;
/** In which interval a seller's meter says nothing, and whose it is, once it should have. */
let silentIntervalId: number | null = null;
let silentMember: number | null = null;

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "commonwatt-missing-"));
  const scenarioFolder = "scenarios/brooklyn";
  scenario = (await loadScenario({ folder: scenarioFolder })).scenario;
  node = await openCommunityNode({
    ...{ workspace, name: "brooklyn", scenario, scenarioFolder, onProgress: () => {} },
  });
  const place = { intervalSecondsOf: () => scenario.intervalSeconds };
  readings = openReadingArchive({ directory: join(workspace, "readings"), ...place });
  orders = openOrderArchive({ directory: join(workspace, "orders"), ...place });
  const { areaId, deployment } = node.founded;
  const started = await startRoles(node, { archives: archivesOf({ readings, orders, areaId }) });
  const { desk, record, terms, clock, gateway } = started;
  const homes = openHomes({
    ...{ scenario, keyring: node.keyring, deployment, areaId, desk, record, terms, now: clock.now },
    community: createCommunity(scenario),
    outsideMeters: [],
    gateway: {
      async collect(reading) {
        const { intervalId, member } = reading;
        if (intervalId === silentIntervalId)
          silentMember ??= sellerAmong(await record.positionsOf(intervalId));
        return intervalId === silentIntervalId && member === silentMember ? null : gateway.collect(reading);
      },
    },
  });
  roles = { ...started, homes };
  nextIntervalId = scenario.firstIntervalId;
});
afterAll(async () => {
  await node?.stop();
  rmSync(workspace, { recursive: true, force: true });
});

function sellerAmong(positions: ReadonlyMap<number, MemberPosition>): number | null {
  return [...positions.values()].find(({ soldWh }) => soldWh > 0n)?.member ?? null;
}

/** Runs intervals to their end, which is a day later where readings are missing. Those that begin before can't be cleared. */
async function run(count: number, by = roles): Promise<IntervalReport[]> {
  const start = { nextIntervalId, unfinished: [] };
  nextIntervalId += count;
  const reports: IntervalReport[] = [];
  for await (const report of runIntervals([{ roles: by, start, end: nextIntervalId }])) reports.push(report);
  return reports;
}

/** Intervals that began by now, and the one whose gate closes next. */
function intervalsToNextGate(): number {
  return Math.ceil(roles.clock.now() / scenario.intervalSeconds) - nextIntervalId + 2;
}

function margins(): Promise<ReadonlyMap<number, bigint>> {
  const { areaId, deployment } = node.founded;
  const members = [...Object.values(PARTIES), ...scenario.homes.map(({ member }) => member)];
  return readMargins(node.network, deployment, { market: "poolMarket", areaId, members });
}

async function historyOf(intervalId: number): Promise<DomainEvent[]> {
  const events: DomainEvent[] = [];
  const { client } = node.network;
  const toBlock = Number(await client.getBlockNumber());
  const { deployment } = node.founded;
  for await (const event of readHistory({ client, specs: CONTRACTS, deployment, fromBlock: 0, toBlock }))
    if ("intervalId" in event && event.intervalId === intervalId) events.push(event as DomainEvent);
  return events;
}

async function expectClean(checked: object): Promise<void> {
  const report = await auditNetwork({
    network: node.network,
    deployment: node.founded.deployment,
    readings: async (areaId, intervalId) => readings.readingsOf(areaId, intervalId),
    orders: async (areaId, intervalId) =>
      orders.ordersOf(areaId, intervalId).filter(({ refusal }) => refusal === null),
  });
  expect(report).toMatchObject({ verdict: "clean", checked });
}

/** The last of some reports, which must be settled with trades. */
function lastSettled(reports: readonly IntervalReport[]) {
  const last = reports.toSorted((a, b) => a.intervalId - b.intervalId).at(-1);
  if (last?.status !== "settled") throw last?.status === "failed" ? last.cause : new Error("no interval");
  expect(last.settled.trades).toBeGreaterThan(0);
  return last;
}

test("a change of a member is published when a day begins", async () => {
  const { founded, keyring, network } = node;
  const { areaId, deployment } = founded;
  const registrar = createSender(network, keyring.key(keyNames.registrar).hex);
  const account = accountOf(scenario, scenario.homes[0]!.member);
  const registry = {
    address: addressOf(deployment, "registry"),
    abi: participantRegistryContract.abi,
  } as const;
  await registrar.sendAll([
    contractCall({ ...registry, functionName: "suspend", args: [account] }),
    contractCall({ ...registry, functionName: "reinstate", args: [account, kycHash("again", "salt")] }),
  ]);
  const stale = () => readStaleDirectories(network, deployment, areaId);
  expect(await stale()).toEqual([0]);
  const { renewDirectories } = poolDuties({
    ...roles,
    now: roles.clock.now,
    publishedOf: roles.gateway.publishedOf,
  });
  const midnight = Math.ceil(scenario.firstIntervalId / 96) * 96;
  expect(await renewDirectories.run(midnight + 1)).toEqual({ status: "nothingToDo" });
  expect(await stale()).toEqual([0]);
  expect(await renewDirectories.run(midnight)).toMatchObject({ status: "done" });
  expect(await stale()).toEqual([]);
});

test("intervals are cleared without a supplier whose margin leaves", async () => {
  const { founded, keyring, network } = node;
  await roles.clock.advanceTo(gateClosesAt(nextIntervalId, scenario.terms) - 60);
  const margin = (await margins()).get(PARTIES.supplier)!;
  const seat = seatOf({ areaId: founded.areaId, member: PARTIES.supplier });
  await createSender(network, keyring.key(keyNames.supplier).hex).send(
    contractCall({
      address: addressOf(founded.deployment, "clearingHouse"),
      abi: clearingHouseContract.abi,
      functionName: "announceMarginWithdrawal",
      args: [addressOf(founded.deployment, "poolMarket"), seat, margin],
    }),
  );
  const reports = await run(NOTICE_INTERVALS);
  const { intervalId } = lastSettled(reports);
  const isSupplied = async (id: number) => (await roles.record.marketOf(id)).isSupplied;
  expect([await isSupplied(scenario.firstIntervalId), await isSupplied(intervalId)]).toEqual([true, false]);
  expect((await historyOf(intervalId)).map(({ kind }) => kind)).toContain("intervalUnsupplied");
});

test("a home that never sends a reading holds up its page until the waiting time is over, then counts as zero", async () => {
  const before = await margins();
  silentIntervalId = nextIntervalId + 1;
  const { intervalId, settled } = lastSettled(await run(2));
  expect(intervalId).toBe(silentIntervalId);
  const { positions, localPriceMicroPerKwh, isSupplied } = await roles.record.marketOf(intervalId);
  expect(positions.find(({ member }) => member === silentMember)?.soldWh).toBeGreaterThan(0n);

  const paid = (await historyOf(intervalId)).find(({ kind }) => kind === "pageSettled")!;
  const waited = waitedUntil(intervalId, roles.area);
  expect(paid.timestamp).toBeGreaterThanOrEqual(waited);
  expect(paid.timestamp).toBeLessThan(waited + scenario.intervalSeconds);
  expect(paid).toMatchObject({ missing: 1n << BigInt(silentMember!) });

  const after = await margins();
  const metered = new Map(readings.readingsOf(roles.areaId, intervalId).map((each) => [each.member, each]));
  expect(metered.size).toBe(scenario.homes.length - 1);
  const prices = settlementPrices(roles.terms.of(intervalId), {
    localPriceMicroPerKwh: BigInt(localPriceMicroPerKwh),
    isSupplied,
  });
  for (const each of positions) {
    const reading = metered.get(each.member);
    const counted = reading
      ? { importWh: BigInt(reading.importWh), exportWh: BigInt(reading.exportWh) }
      : NOTHING;
    const { netMicro } = settlePosition(each, counted, prices);
    expect(settled.outcome.settlements.get(each.member)).toMatchObject({ netMicro });
    expect([each.member, before.get(each.member)! - after.get(each.member)!]).toEqual([
      each.member,
      netMicro,
    ]);
  }
  await expectClean({ "pool.openIntervals": 0 });
});

test("an interval whose readings nobody publishes is given back to the micro when the waiting time is over", async () => {
  const count = intervalsToNextGate();
  const silent = nextIntervalId + count - 1;
  const gateway: StartedRoles["gateway"] = {
    ...roles.gateway,
    publish: async (intervalId, positioned) =>
      intervalId === silent ? null : roles.gateway.publish(intervalId, positioned),
  };
  const before = await margins();
  const reports = await run(count, { ...roles, gateway });
  expect(reports.filter(({ status }) => status === "settled")).toEqual([]);
  const report = reports.find(({ intervalId }) => intervalId === silent);
  expect(report).toMatchObject({ cause: { message: expect.stringMatching(/no readings came/) } });
  const events = await historyOf(silent);
  expect(events.map(({ kind }) => kind)).toEqual(["intervalCleared", "pageReturned", "intervalReturned"]);
  expect(events.at(-1)!.timestamp).toBeGreaterThanOrEqual(waitedUntil(silent, roles.area));
  expect(await margins()).toEqual(before);
  await expectClean({ "pool.openIntervals": 0, "pool.returned": 1 });
});
