import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isPool } from "#community/areaScenario.ts";
import { openClock, type PoolNode } from "#community/communityNode.ts";
import { keyNames } from "#community/keyNames.ts";
import { loadCommunities } from "#community/loadScenario.ts";
import { openCommunities } from "#community/openCommunities.ts";
import { archivesOf } from "#community/pool/archives.ts";
import { homeMeterId } from "#community/pool/members.ts";
import { type IntervalReport, runIntervals, type SettledInterval } from "#community/pool/runIntervals.ts";
import { type StartedRoles, startRoles } from "#community/pool/startRoles.ts";
import { clearingHouseContract } from "#domains/accounts/contracts.generated.ts";
import { readMargins } from "#domains/accounts/participants.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { auditNetwork } from "#domains/audit.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { ledgerSeparator, signReading } from "#domains/metering/rules/meterReading.ts";
import { createMarketOperator } from "#domains/pool/marketOperator.ts";
import { createMarketView } from "#domains/pool/marketView.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { joinDesks } from "#domains/pool/orderDesks.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import { signOrder } from "#domains/pool/rules/signedOrder.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { contractCall, createSender } from "#platform/chain/sender.ts";

/*
 * Two communities on one chain and one set of contracts: one clears by the quarter of an hour at one price, the other by the
 * hour at midpoints. Neither can touch what is the other's.
 */

const HOURS = 4;

type Area = {
  readonly node: PoolNode;
  readonly roles: StartedRoles;
  readonly before: ReadonlyMap<number, bigint>;
};

let workspace: string;
let quarter: Area;
let hourly: Area;
let reports: IntervalReport[];
let orders: ReturnType<typeof openOrderArchive>;
let readings: ReturnType<typeof openReadingArchive>;

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "commonwatt-two-"));
  const scenarioFolder = "scenarios/two-communities";
  const { name, scenarios: all } = await loadCommunities({ folder: scenarioFolder });
  const scenarios = all.filter(isPool);
  const nodes = await openCommunities({ workspace, name, scenarios, scenarioFolder, onProgress: () => {} });
  const intervalSecondsOf = (areaId: number) =>
    nodes.find(({ founded }) => founded.areaId === areaId)!.scenario.intervalSeconds;
  readings = openReadingArchive({ directory: join(workspace, "readings"), intervalSecondsOf });
  orders = openOrderArchive({ directory: join(workspace, "orders"), intervalSecondsOf });
  const clock = await openClock(nodes[0]!);
  const open = async (node: PoolNode): Promise<Area> => {
    const archives = archivesOf({ readings, orders, areaId: node.founded.areaId });
    return { node, roles: await startRoles(node, { archives, clock }), before: await marginsOf(node) };
  };
  quarter = await open(nodes[0]!);
  hourly = await open(nodes[1]!);
  const runs = [quarter, hourly].map(({ node: { scenario }, roles }) => ({
    roles,
    start: { nextIntervalId: scenario.firstIntervalId, unfinished: [] },
    end: scenario.firstIntervalId + (HOURS * 3_600) / scenario.intervalSeconds,
  }));
  reports = [];
  for await (const report of runIntervals(runs)) reports.push(report);
});
afterAll(async () => {
  await quarter?.node.stop();
  rmSync(workspace, { recursive: true, force: true });
});

function marginsOf({ network, founded, scenario }: PoolNode) {
  const members = scenario.homes.map(({ member }) => member);
  const { areaId, deployment } = founded;
  return readMargins(network, deployment, { market: "poolMarket", areaId, members });
}

function settledIn({ roles }: Area): SettledInterval[] {
  return reports
    .filter(({ areaId }) => areaId === roles.areaId)
    .map((report) => {
      if (report.status === "failed") throw report.cause;
      return report.settled;
    });
}

/** An interval whose gate is open for some time. */
function openIntervalOf({ roles, node: { scenario } }: Area): number {
  let intervalId = scenario.firstIntervalId;
  while (gateClosesAt(intervalId, scenario.terms) <= roles.clock.now()) intervalId += 1;
  return intervalId + 1;
}

/** An order of a home of `owner`, signed for the area `signedFor` and said to be for `sentTo`. */
function order(owner: Area, { signedFor, sentTo }: { signedFor: Area; sentTo: Area }) {
  const { scenario, keyring } = owner.node;
  const { id, member } = scenario.homes[0]!;
  const intervalId = openIntervalOf(sentTo);
  const unsigned = {
    participant: member,
    side: "bid",
    energyWh: 40,
    limitPriceMicroPerKwh: 200_000,
  } as const;
  const context = { separator: signedFor.roles.separator, areaId: signedFor.roles.areaId, intervalId };
  const key = keyring.key(keyNames.home(id)).privateKey;
  const { areaId } = sentTo.roles;
  return { ...signOrder({ ...unsigned, sequence: 15 }, context, key), areaId, intervalId };
}

it("settles both, each by its own rules", () => {
  expect(settledIn(quarter)).toHaveLength(HOURS * 4);
  expect(settledIn(hourly)).toHaveLength(HOURS);
  for (const area of [quarter, hourly]) expect(settledIn(area).some(({ trades }) => trades > 0)).toBe(true);
  expect([quarter, hourly].map(({ node }) => node.scenario.terms.pricing)).toEqual(["uniform", "midpoint"]);
  expect(quarter.roles.areaId).not.toBe(hourly.roles.areaId);
});

it("takes from each member what its own community settled, and nothing else", async () => {
  for (const area of [quarter, hourly]) {
    const after = await marginsOf(area.node);
    for (const [member, before] of area.before) {
      const owed = settledIn(area).map(({ outcome }) => outcome.settlements.get(member)?.netMicro ?? 0n);
      expect([member, before - after.get(member)!]).toEqual([member, owed.reduce((a, b) => a + b, 0n)]);
    }
  }
});

it("takes an order in the area that it was signed for alone", async () => {
  const desks = joinDesks(new Map([quarter, hourly].map(({ roles }) => [roles.areaId, roles.desk])));
  expect(await desks.submit(order(hourly, { signedFor: quarter, sentTo: hourly }))).toMatchObject({
    reason: "invalidSignature",
  });
  // Its number is that of a member there too, but of another one.
  expect(await desks.submit(order(quarter, { signedFor: hourly, sentTo: hourly }))).toMatchObject({
    reason: "invalidSignature",
  });
  const own = order(hourly, { signedFor: hourly, sentTo: hourly });
  expect(await quarter.roles.desk.submit(own)).toMatchObject({ reason: "unknownArea" });
  expect(await desks.submit(own)).toMatchObject({ status: "accepted" });
  expect(await desks.submit({ ...own, areaId: 77 })).toMatchObject({ reason: "unknownArea" });
});

it("takes a reading at the gateway of its meter's area alone", async () => {
  const { scenario, keyring, founded } = quarter.node;
  const { id, member } = scenario.homes[0]!;
  const { chainId } = founded.deployment;
  const meterLedger = addressOf(founded.deployment, "meterLedger");
  // The last before the market began: it is over, and nothing of it is published.
  const intervalId = scenario.firstIntervalId - 1;
  const read = (areaId: number) =>
    signReading(
      {
        ...{ meterId: homeMeterId(scenario, id), member, areaId, intervalId },
        ...{ importWh: 5, exportWh: 0, quality: "measured", version: 1 },
      },
      ledgerSeparator(chainId, meterLedger),
      keyring.key(keyNames.device(id)).privateKey,
    );
  expect(await hourly.roles.gateway.collect(read(quarter.roles.areaId))).toBe("wrongPlace");
  expect(await hourly.roles.gateway.collect(read(hourly.roles.areaId))).toBe("wrongPlace");
  expect(await quarter.roles.gateway.collect(read(quarter.roles.areaId))).toBeNull();
});

it("lets no operator clear the other's book", async () => {
  const { network, founded, keyring } = quarter.node;
  const { areaId } = hourly.roles;
  const intruder = createMarketOperator({
    sender: createSender(network, keyring.key(keyNames.operator).hex),
    deployment: founded.deployment,
    market: createMarketView(network, founded.deployment, areaId),
    areaId,
    terms: hourly.roles.terms,
    keepDropped: async () => {},
    standingOrders: () => [],
  });
  const intervalId = openIntervalOf(hourly);
  await hourly.roles.clock.advanceTo(gateClosesAt(intervalId, hourly.roles.terms.of(intervalId)));
  await expect(intruder.clear(intervalId, [])).rejects.toMatchObject({ refusal: "NotOperator" });
});

it("lets nobody touch a margin of the other, though both number their members alike", async () => {
  const { member, id } = quarter.node.scenario.homes[0]!;
  expect(hourly.node.scenario.homes[0]!.member).toBe(member);
  const { network, founded, keyring } = quarter.node;
  const owner = createSender(network, keyring.key(keyNames.home(id)).hex);
  const house = addressOf(founded.deployment, "clearingHouse");
  const market = addressOf(founded.deployment, "poolMarket");
  const announce = (areaId: number) =>
    owner.send(
      contractCall({
        address: house,
        abi: clearingHouseContract.abi,
        functionName: "announceMarginWithdrawal",
        args: [market, seatOf({ areaId, member }), 1n],
      }),
    );
  await expect(announce(hourly.roles.areaId)).rejects.toMatchObject({ refusal: "NotSeatOwner" });
  expect((await announce(quarter.roles.areaId)).status).toBe("success");
});

it("is clean to an auditor", async () => {
  const { network, founded } = quarter.node;
  const report = await auditNetwork({
    network,
    deployment: founded.deployment,
    readings: async (areaId, intervalId) => readings.readingsOf(areaId, intervalId),
    orders: async (areaId, intervalId) =>
      orders.ordersOf(areaId, intervalId).filter(({ refusal }) => refusal === null),
  });
  expect(report).toMatchObject({ verdict: "clean", checked: { "pool.clearings": HOURS * 5 }, notes: [] });
});
