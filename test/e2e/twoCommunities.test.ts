import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { archivesOf } from "#community/archives.ts";
import { type CommunityNode, openClock, openCommunities } from "#community/communityNode.ts";
import { homeMeterId, keyNames } from "#community/founding.ts";
import { loadCommunities } from "#community/loadScenario.ts";
import { type IntervalReport, runIntervals, type SettledInterval } from "#community/runIntervals.ts";
import { type StartedRoles, startRoles } from "#community/startRoles.ts";
import { readMargins } from "#domains/accounts/participants.ts";
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
import { createSender } from "#platform/chain/sender.ts";

/*
 * Two communities on one chain and one set of contracts: one clears by the quarter of an hour at one price, the other by the
 * hour at midpoints. Neither can touch what is the other's.
 */

const HOURS = 4;

type Area = {
  readonly node: CommunityNode;
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
  const { name, scenarios } = await loadCommunities({ folder: scenarioFolder });
  const nodes = await openCommunities({ workspace, name, scenarios, scenarioFolder, onProgress: () => {} });
  const intervalSecondsOf = (areaId: number) =>
    nodes.find(({ founded }) => founded.areaId === areaId)!.scenario.intervalSeconds;
  readings = openReadingArchive({ directory: join(workspace, "readings"), intervalSecondsOf });
  orders = openOrderArchive({ directory: join(workspace, "orders"), intervalSecondsOf });
  const clock = await openClock(nodes[0]!);
  const open = async (node: CommunityNode): Promise<Area> => {
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

function marginsOf({ network, founded, scenario }: CommunityNode) {
  const accounts = scenario.homes.map(({ account }) => account);
  return readMargins(network, founded.deployment, { market: "poolMarket", accounts });
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

/** An order of a home of `member`, signed for the area `signedFor` and said to be for `sentTo`. */
function order(member: Area, { signedFor, sentTo }: { signedFor: Area; sentTo: Area }) {
  const { scenario, keyring } = member.node;
  const { id, account } = scenario.homes[0]!;
  const intervalId = openIntervalOf(sentTo);
  const unsigned = {
    participant: account,
    side: "bid",
    energyWh: 40,
    limitPriceMicroPerKwh: 200_000,
  } as const;
  const context = { separator: signedFor.roles.separator, areaId: signedFor.roles.areaId, intervalId };
  const key = keyring.key(keyNames.home(id)).privateKey;
  const { areaId } = sentTo.roles;
  return { ...signOrder({ ...unsigned, sequence: 900 }, context, key), areaId, intervalId };
}

it("settles both, each by its own rules", () => {
  expect(settledIn(quarter)).toHaveLength(HOURS * 4);
  expect(settledIn(hourly)).toHaveLength(HOURS);
  for (const area of [quarter, hourly]) expect(settledIn(area).some(({ trades }) => trades > 0)).toBe(true);
  expect([quarter, hourly].map(({ node }) => node.scenario.terms.pricing)).toEqual(["uniform", "midpoint"]);
  expect(quarter.roles.areaId).not.toBe(hourly.roles.areaId);
});

it("takes from each account what its own community settled, and nothing else", async () => {
  for (const area of [quarter, hourly]) {
    const after = await marginsOf(area.node);
    for (const [account, before] of area.before) {
      const owed = settledIn(area).map(({ outcome }) => outcome.settlements.get(account)?.netMicro ?? 0n);
      expect([account, before - after.get(account)!]).toEqual([account, owed.reduce((a, b) => a + b, 0n)]);
    }
  }
});

it("takes an order in the area that it was signed for alone", async () => {
  const desks = joinDesks(new Map([quarter, hourly].map(({ roles }) => [roles.areaId, roles.desk])));
  expect(await desks.submit(order(hourly, { signedFor: quarter, sentTo: hourly }))).toMatchObject({
    reason: "invalidSignature",
  });
  expect(await desks.submit(order(quarter, { signedFor: hourly, sentTo: hourly }))).toMatchObject({
    reason: "unknownParticipant",
  });
  const own = order(hourly, { signedFor: hourly, sentTo: hourly });
  expect(await quarter.roles.desk.submit(own)).toMatchObject({ reason: "unknownArea" });
  expect(await desks.submit(own)).toMatchObject({ status: "accepted" });
  expect(await desks.submit({ ...own, areaId: 77 })).toMatchObject({ reason: "unknownArea" });
});

it("takes a reading at the gateway of its meter's area alone", async () => {
  const { scenario, keyring, founded } = quarter.node;
  const { id, account } = scenario.homes[0]!;
  const { chainId } = founded.deployment;
  const meterLedger = addressOf(founded.deployment, "meterLedger");
  const read = (areaId: number) =>
    signReading(
      {
        ...{ meterId: homeMeterId(scenario, id), account, areaId, intervalId: 3_000_000 },
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
  const { scenario } = hourly.node;
  const intruder = createMarketOperator({
    sender: createSender(network, keyring.key(keyNames.operator).hex),
    deployment: founded.deployment,
    market: createMarketView(network, founded.deployment, areaId),
    areaId,
    terms: scenario.terms,
    supplier: scenario.firstAccount,
    keepDropped: async () => {},
    standingOrders: () => [],
  });
  const intervalId = openIntervalOf(hourly);
  await hourly.roles.clock.advanceTo(gateClosesAt(intervalId, scenario.terms));
  await expect(intruder.clear(intervalId, [])).rejects.toMatchObject({ refusal: "NotAuthorised" });
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
