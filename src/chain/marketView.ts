import { poolMarketContract } from "./contracts.generated.ts";
import type { Deployment } from "./deployment.ts";
import type { Network } from "./network.ts";
import { readMargins } from "./participants.ts";
import { readInterval, type Stage } from "./poolMarket.ts";

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
    marginsOf: (accounts) => readMargins(network, deployment, accounts),
  };
}

async function readClosedPages(
  { client }: Network,
  { poolMarket: address, deployedAtBlock }: Deployment,
  args: { areaId: number; intervalId: number },
): Promise<ReadonlySet<number>> {
  const { abi } = poolMarketContract;
  const query = { address, abi, args, fromBlock: BigInt(deployedAtBlock), strict: true } as const;
  const [settled, voided] = await Promise.all([
    client.getContractEvents({ ...query, eventName: "PageSettled" }),
    client.getContractEvents({ ...query, eventName: "PageVoided" }),
  ]);
  return new Set([...settled, ...voided].map((event) => event.args.page));
}
