import { hexToBigInt, numberToHex } from "viem";
import { RpcRefusal } from "#platform/chain/rpcHandler.ts";
import { type AccountState, accountOf, slotOf } from "./accountState.ts";
import { HEX } from "./anvilRpc.ts";
import type { ArchivedBlock } from "./archivedBlock.ts";
import { rpcBlock } from "./archivedRpc.ts";
import { type RpcServer, startRpcServer } from "./rpcServer.ts";

/** What the node goes on from: a block, and all accounts at it. */
export type ChainPoint = { readonly block: ArchivedBlock; readonly state: AccountState };

/**
 * What the node takes for the network that it forked from: the newest block of the record and the accounts at it. It asks
 * once for each account and slot that it touches, so that it starts at once and keeps only what it uses.
 */
export type NodeUpstream = RpcServer & {
  /** What the next node goes on from. */
  moveTo(point: ChainPoint): void;
};

const METHOD_NOT_FOUND = -32_601;

export async function startNodeUpstream({
  chainId,
  point: start,
}: {
  chainId: number;
  point: ChainPoint;
}): Promise<NodeUpstream> {
  let point = start;
  const account = (params: readonly unknown[]) => accountOf(point.state, HEX.parse(params[0]));
  const answers: Readonly<Record<string, (params: readonly unknown[]) => unknown>> = {
    eth_chainId: () => numberToHex(chainId),
    net_version: () => String(chainId),
    eth_gasPrice: () => "0x0",
    eth_blockNumber: () => point.block.header.number,
    eth_getBlockByNumber: ([number]) =>
      number === "latest" || number === point.block.header.number
        ? rpcBlock(point.block, { isFull: false })
        : null,
    eth_getBlockByHash: ([hash]) =>
      hash === point.block.header.hash ? rpcBlock(point.block, { isFull: false }) : null,
    // Older transactions are asked for at the archive, before the node is.
    eth_getTransactionByHash: () => null,
    eth_getTransactionReceipt: () => null,
    eth_getLogs: () => [],
    eth_getBalance: (params) => numberToHex(account(params).balance),
    eth_getTransactionCount: (params) => numberToHex(account(params).nonce),
    eth_getCode: (params) => account(params).code,
    eth_getStorageAt: (params) => slotOf(account(params), hexToBigInt(HEX.parse(params[1]))),
    eth_getAccountInfo: (params) => {
      const { nonce, balance, code } = account(params);
      return { nonce: numberToHex(nonce), balance: numberToHex(balance), code };
    },
  };
  const server = await startRpcServer({
    port: 0,
    handle: async (method, params) => {
      const answer = Object.hasOwn(answers, method) ? answers[method] : undefined;
      if (!answer)
        throw new RpcRefusal({
          code: METHOD_NOT_FOUND,
          message: `the record does not answer ${method}: its state is not kept`,
        });
      return answer(params);
    },
  });
  return {
    ...server,
    moveTo: (next) => {
      point = next;
    },
  };
}
