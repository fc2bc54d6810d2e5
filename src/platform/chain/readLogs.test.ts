import { createClient, custom, numberToHex, RpcRequestError } from "viem";
import { expect, it } from "vitest";
import { testAddress } from "./deployment.fixture.ts";
import { collectLogs, HistoryUnavailableError } from "./readLogs.ts";

type Query = { readonly fromBlock: string; readonly toBlock: string };

/** A node with a log in every block, that answers for at most `maxBlocks` at once; `asked` are the ranges it was asked for. */
function nodeOf(maxBlocks: number) {
  const asked: [number, number][] = [];
  const request = async ({ method, params }: { method: string; params: [Query] }) => {
    const [from, to] = [Number(params[0].fromBlock), Number(params[0].toBlock)];
    asked.push([from, to]);
    const error = { code: -32_602, message: "query exceeds max block range" };
    if (to - from >= maxBlocks) throw new RpcRequestError({ body: { method, params }, error, url: "" });
    return Array.from({ length: to - from + 1 }, (_, i) => ({
      address: testAddress(1),
      blockNumber: numberToHex(from + i),
      logIndex: "0x0",
    }));
  };
  return { asked, client: createClient({ transport: custom({ request }, { retryCount: 0 }) }) };
}

const blocks = { address: [testAddress(1)], fromBlock: 5, toBlock: 25_004 };

it("asks for long ranges, and for shorter ones where the node refuses", async () => {
  for (const maxBlocks of [100_000, 3_000, 700]) {
    const { client, asked } = nodeOf(maxBlocks);
    const logs = await collectLogs({ client, ...blocks });
    expect(logs.map(({ blockNumber }) => Number(blockNumber))).toEqual(
      Array.from({ length: 25_000 }, (_, i) => 5 + i),
    );
    expect(asked.length).toBeLessThan(50);
    expect(Math.max(...asked.map(([from, to]) => to - from + 1))).toBe(10_000);
  }
});

it("says which block a node does not give", async () => {
  const { client } = nodeOf(0);
  const reading = collectLogs({ client, ...blocks });
  await expect(reading).rejects.toThrow(HistoryUnavailableError);
  await expect(reading).rejects.toThrow("the node does not give the logs of block 5");
});
