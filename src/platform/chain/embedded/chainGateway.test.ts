import { afterEach, expect, it } from "vitest";
import type { BlockArchive } from "./blockArchive.ts";
import { type ChainGateway, createChainGateway } from "./chainGateway.ts";
import { type RpcServer, startRpcServer } from "./rpcServer.ts";

const EMPTY_ARCHIVE = { newest: () => 0 } as unknown as BlockArchive;

let node: RpcServer | undefined;
afterEach(() => node?.close());

/** A gateway before a node that tells what it was asked, and needs `looks` questions for a block. */
async function gatewayBefore(asked: string[], looks: number): Promise<ChainGateway> {
  let pending = 0;
  let looked = 0;
  node = await startRpcServer({
    port: 0,
    handle: async (method, [param]) => {
      if (method === "txpool_status") {
        if (pending > 0 && ++looked > looks) [pending, looked] = [0, 0];
        return { pending: `0x${pending.toString(16)}`, queued: "0x0" };
      }
      if (method === "evm_setAutomine") return null;
      asked.push(`${param} while ${pending} pending`);
      pending += 1;
      return "0x0";
    },
  });
  const { url } = node;
  return createChainGateway({ archive: EMPTY_ARCHIVE, nodeUrl: () => url, record: async () => {} });
}

it("hands over a transaction when the one before it is in a block, in the order in which they came", async () => {
  const asked: string[] = [];
  const gateway = await gatewayBefore(asked, 4);
  const transactions = ["0x0a", "0x0b", "0x0c"];
  await Promise.all(transactions.map((raw) => gateway.handle("eth_sendRawTransaction", [raw])));
  expect(asked).toEqual(transactions.map((raw) => `${raw} while 0 pending`));
});

it("does not hold back the others for one that no block takes", async () => {
  const asked: string[] = [];
  const gateway = await gatewayBefore(asked, Number.POSITIVE_INFINITY);
  for (const raw of ["0x0a", "0x0b"]) await gateway.handle("eth_sendRawTransaction", [raw]);
  expect(asked).toEqual(["0x0a while 0 pending", "0x0b while 1 pending"]);
});

it("waits for no block where none is made as a transaction comes", async () => {
  const asked: string[] = [];
  const gateway = await gatewayBefore(asked, Number.POSITIVE_INFINITY);
  await gateway.handle("evm_setAutomine", [false]);
  for (const raw of ["0x0a", "0x0b", "0x0c"]) await gateway.handle("eth_sendRawTransaction", [raw]);
  expect(asked).toEqual([0, 1, 2].map((pending) => `0x0${"abc"[pending]} while ${pending} pending`));
});
