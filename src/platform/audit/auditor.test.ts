import { expect, it } from "vitest";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import type { Network } from "#platform/chain/network.ts";
import type { AuditedBlock, BlockSource } from "./auditedBlock.ts";
import { type AuditProgress, auditChain } from "./auditor.ts";

const hashOf = (block: number) => `0x${block.toString(16).padStart(64, "0")}` as const;

function emptyBlock(number: number): AuditedBlock {
  const link = {
    hash: hashOf(number),
    parentHash: hashOf(number - 1),
    number: `0x${number.toString(16)}`,
    timestamp: "0x1",
  } as const;
  return { number, hash: link.hash, link, transactions: 0, events: [], fault: null };
}

/** A chain of empty blocks that grows by `growth` blocks with each range that is read of it. */
function growingChain({
  first,
  newest,
  growth,
  until,
}: Record<"first" | "newest" | "growth" | "until", number>) {
  const chain = { newest };
  const client = { getBlockNumber: async () => BigInt(chain.newest) };
  const source: BlockSource = {
    async readRange({ from, to }) {
      chain.newest = Math.min(until, chain.newest + growth);
      return { blocks: Array.from({ length: to - from + 1 }, (_, i) => emptyBlock(from + i)), failure: null };
    },
    ranges: 1,
    stop: async () => {},
  };
  const network = { client, rpcUrl: "", chainId: 1, gasPrice: 0n } as unknown as Network;
  return { chain, network, source, deployment: { ...DEPLOYMENT, deployedAtBlock: first } };
}

function audit({ network, source, deployment }: ReturnType<typeof growingChain>, told: AuditProgress[] = []) {
  return auditChain({
    network,
    deployment,
    headers: "ethereum",
    openSource: () => source,
    ahead: { compute: async () => null, adopt: () => {} },
    startReplays: () => [],
    onProgress: (progress) => void told.push(progress),
  });
}

it("counts what is left of a chain that grows while it is followed", async () => {
  const told: AuditProgress[] = [];
  const grown = growingChain({ first: 1, newest: 40, growth: 12, until: 200 });
  const report = await audit(grown, told);
  expect(report).toMatchObject({ verdict: "clean", toBlock: 200, newestBlock: 200 });
  expect(told.at(-1)).toEqual({ block: 200, lastBlock: 200 });
  const seemsDone = told.filter(({ block, lastBlock }) => block === lastBlock);
  expect(seemsDone.length).toBe(1);
  const past = told.filter(({ block }) => block > 40 && block < 180);
  for (const { block, lastBlock } of past) expect(lastBlock).toBeGreaterThan(block);
});

it("says which blocks came after the last that it audited", async () => {
  const grown = growingChain({ first: 1, newest: 16, growth: 3, until: 19 });
  expect(await audit(grown)).toMatchObject({ verdict: "clean", toBlock: 16, newestBlock: 19 });
});
