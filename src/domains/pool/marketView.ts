import { parseEventLogs } from "viem";
import { readMargins } from "#domains/accounts/participants.ts";
import type { Stage } from "#domains/pool/rules/stage.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { collectLogs, intervalTopics } from "#platform/chain/readLogs.ts";
import { poolMarketContract } from "./contracts.generated.ts";
import { readInterval } from "./poolMarket.ts";

/** What the operator of an area asks the chain. */
export type MarketView = {
  /** How far an interval is, and how many steps of its clearing are in. */
  intervalOf(intervalId: number): Promise<{ readonly stage: Stage; readonly steps: number }>;
  /** Pages of an interval that are paid or given back. */
  closedPagesOf(intervalId: number): Promise<ReadonlySet<number>>;
  /** Margins in the market by account, micro. */
  marginsOf(accounts: readonly number[]): Promise<ReadonlyMap<number, bigint>>;
};

/** Reads one area from the chain's newest block. */
export function createMarketView(network: Network, deployment: Deployment, areaId: number): MarketView {
  return {
    intervalOf: (intervalId) => readInterval(network, deployment, { areaId, intervalId }),
    closedPagesOf: (intervalId) => readClosedPages(network, deployment, { areaId, intervalId }),
    marginsOf: (accounts) => readMargins(network, deployment, { market: "poolMarket", accounts }),
  };
}

async function readClosedPages(
  { client }: Network,
  deployment: Deployment,
  key: { areaId: number; intervalId: number },
): Promise<ReadonlySet<number>> {
  const logs = await collectLogs({
    client,
    address: [addressOf(deployment, "poolMarket")],
    topics: intervalTopics(key),
    fromBlock: deployment.deployedAtBlock,
    toBlock: Number(await client.getBlockNumber()),
  });
  const closed = parseEventLogs({
    abi: poolMarketContract.abi,
    logs,
    eventName: ["PageSettled", "PageVoided"],
  });
  return new Set(closed.map(({ args }) => args.page));
}
