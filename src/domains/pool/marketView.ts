import { parseEventLogs } from "viem";
import { clearingHouseContract } from "#domains/accounts/contracts.generated.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { readStaleDirectories } from "#domains/metering/staleDirectories.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import type { Stage } from "#domains/pool/rules/stage.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { readEach } from "#platform/chain/readEach.ts";
import { collectLogs, intervalTopics } from "#platform/chain/readLogs.ts";
import { poolMarketContract } from "./contracts.generated.ts";
import { areaTerms } from "./events.ts";
import { readInterval } from "./poolMarket.ts";

/** A clearing of an interval, by how many were given up before it. */
export type Attempt = { readonly intervalId: number; readonly attempt: number };

/** What the operator of an area asks the chain. Prices in micro per kWh. */
export type MarketView = {
  /** Versions of the area's terms: the one in force, 0 for none, and the next one, 0 for none, with its first interval. */
  schedule(): Promise<{ readonly version: number; readonly nextVersion: number; readonly nextFrom: number }>;
  termsOf(version: number): Promise<AreaTerms>;
  /**
   * How far an interval is, and what its clearing came to; `attempt` counts those that were given up, `terms` is the version
   * that it is cleared by, 0 before.
   */
  intervalOf(intervalId: number): Promise<{
    readonly stage: Stage;
    readonly attempt: number;
    readonly terms: number;
    readonly isSupplied: boolean;
    readonly clearedWh: number;
    readonly localPrice: number;
  }>;
  /** Pages of a clearing that was given up whose reserves are still in escrow. */
  abandonedPagesOf(attempt: Attempt): Promise<number>;
  /** Steps of an unfinished or abandoned clearing that are in. */
  stepsOf(attempt: Attempt): Promise<number>;
  /** Pages of a clearing that are paid or given back. */
  closedPagesOf(attempt: Attempt): Promise<ReadonlySet<number>>;
  /** Directories of signers that would tell more of the truth if they were published anew. */
  staleDirectories(): Promise<readonly number[]>;
  /** What of the members' margins counts for a delivery from `coversFrom` on, unix s, by member, micro. */
  countedMargins(members: readonly number[], coversFrom: number): Promise<ReadonlyMap<number, bigint>>;
};

const { abi } = poolMarketContract;

/** Reads one area from the chain's newest block. */
export function createMarketView(network: Network, deployment: Deployment, areaId: number): MarketView {
  const { client } = network;
  const market = { address: addressOf(deployment, "poolMarket"), abi } as const;
  const house = { address: addressOf(deployment, "clearingHouse"), abi: clearingHouseContract.abi } as const;
  const logsOf = (intervalId: number) => readLogs(network, deployment, { areaId, intervalId });
  return {
    schedule: () => client.readContract({ ...market, functionName: "scheduleOf", args: [areaId] }),
    async termsOf(version) {
      return areaTerms(
        await client.readContract({ ...market, functionName: "termsOf", args: [areaId, version] }),
      );
    },
    intervalOf: (intervalId) => readInterval(network, deployment, { areaId, intervalId }),
    async abandonedPagesOf({ intervalId, attempt }) {
      const args = [areaId, intervalId, attempt] as const;
      const { openPages } = await client.readContract({ ...market, functionName: "abandonedOf", args });
      return openPages;
    },
    async stepsOf({ intervalId, attempt }) {
      const steps = parseEventLogs({ abi, logs: await logsOf(intervalId), eventName: "StepVerified" });
      return steps.filter(({ args }) => args.attempt === attempt).length;
    },
    async closedPagesOf({ intervalId, attempt }) {
      const logs = await logsOf(intervalId);
      const [cleared] = parseEventLogs({ abi, logs, eventName: "IntervalCleared" });
      // What is settled is of the clearing that came to its end.
      const settled = parseEventLogs({ abi, logs, eventName: "PageSettled" }).filter(
        () => cleared?.args.attempt === attempt,
      );
      const returned = parseEventLogs({ abi, logs, eventName: "PageReturned" }).filter(
        ({ args }) => args.attempt === attempt,
      );
      return new Set([...settled, ...returned].map(({ args }) => args.page));
    },
    staleDirectories: () => readStaleDirectories(network, deployment, areaId),
    async countedMargins(members, coversFrom) {
      const margins = await readEach(members, async (member) => {
        const args = [market.address, seatOf({ areaId, member }), BigInt(coversFrom)] as const;
        return [
          member,
          await client.readContract({ ...house, functionName: "countedMarginMicro", args }),
        ] as const;
      });
      return new Map(margins);
    },
  };
}

/** What the pool market logged of an interval. */
async function readLogs(
  { client }: Network,
  deployment: Deployment,
  place: { areaId: number; intervalId: number },
) {
  return collectLogs({
    client,
    address: [addressOf(deployment, "poolMarket")],
    topics: intervalTopics(place),
    fromBlock: deployment.deployedAtBlock,
    toBlock: Number(await client.getBlockNumber()),
  });
}
