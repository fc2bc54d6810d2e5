import { afterAll, beforeAll, expect, it } from "vitest";
import { auditNetwork } from "#domains/audit.ts";
import { submissionsOf } from "#domains/pool/submissions.ts";
import { runInMemory } from "#world/simulation/run.ts";
import type { IntervalOutcome } from "#world/simulation/runBills.ts";
import { type SettledCommunity, settleRiverside } from "./settledCommunity.fixture.ts";

/*
 * A community whose gate closes an interval's length before delivery, so that a book is cleared in the very second in which
 * an interval is settled.
 */

const INTERVALS = 10;

let community: SettledCommunity;
let scenario: SettledCommunity["scenario"];
let node: SettledCommunity["node"];
let readings: SettledCommunity["readings"];
let orders: SettledCommunity["orders"];
let settled: SettledCommunity["settled"];

beforeAll(async () => {
  community = await settleRiverside({
    intervals: INTERVALS,
    termsOf: ({ intervalSeconds }) => ({ gateClosureSeconds: intervalSeconds }),
  });
  ({ scenario, node, readings, orders, settled } = community);
});
afterAll(async () => {
  await community?.close();
});

/** What the pool market's transactions brought, in one word each. */
async function worksOfTransactions(): Promise<string[]> {
  const { client } = node.network;
  const works: string[] = [];
  for (let blockNumber = 0n; blockNumber <= (await client.getBlockNumber()); blockNumber += 1n) {
    const { transactions } = await client.getBlock({ blockNumber, includeTransactions: true });
    for (const { input } of transactions)
      works.push(
        submissionsOf(input)
          .map(({ of }) => of)
          .join(" and "),
      );
  }
  return works.filter((work) => work !== "");
}

it("settles what is due and clears what comes in one transaction", async () => {
  const traded = settled.slice(0, -2).filter(({ trades }) => trades > 0);
  expect(traded.length).toBeGreaterThan(2);
  const works = await worksOfTransactions();
  expect(works.filter((work) => work === "settlement and clearing")).toHaveLength(traded.length);
});

it("comes to the same energy and money as in memory", () => {
  const inMemory: IntervalOutcome[] = [];
  runInMemory(scenario, { onInterval: (outcome) => inMemory.push(outcome) });
  const money = ({ settlements, clearedWh }: IntervalOutcome) => [
    clearedWh,
    [...settlements].map(([member, { netMicro }]) => [member, netMicro]).sort(),
  ];
  expect(settled.map(({ outcome }) => money(outcome))).toEqual(inMemory.map(money));
});

it("is clean to an auditor", async () => {
  const report = await auditNetwork({
    network: node.network,
    deployment: node.founded.deployment,
    readings: async (areaId, intervalId) => readings.readingsOf(areaId, intervalId),
    orders: async (areaId, intervalId) => orders.ordersOf(areaId, intervalId),
  });
  expect(report).toMatchObject({ verdict: "clean", checked: { "pool.clearings": INTERVALS }, notes: [] });
});
