import { BaseError, formatLog, type Log, numberToHex, type PublicClient, RpcRequestError } from "viem";
import type { Address, Hex } from "#evidence/hex.ts";
import { DomainError } from "#units/domainError.ts";

/** A log that is in a block. */
export type MinedLog = Log<bigint, number, false>;

/**
 * Which logs are asked for.
 *
 * @property topics what the leading topics must be; null takes any
 * @property rangeBlocks blocks a request; a node that refuses gets smaller ranges
 */
export type LogQuery = {
  readonly client: PublicClient;
  readonly address: readonly Address[];
  readonly topics?: readonly (Hex | null)[];
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly rangeBlocks: number;
};

/**
 * Logs from `fromBlock` to `toBlock`, both included, range by range in the order of the chain.
 *
 * @throws HistoryUnavailableError when the node refuses even the logs of a single block
 */
export async function* readLogs(query: LogQuery): AsyncGenerator<readonly MinedLog[], void, undefined> {
  let span = query.rangeBlocks;
  for (let from = query.fromBlock; from <= query.toBlock; ) {
    const to = Math.min(query.toBlock, from + span - 1);
    const logs = await requestLogs(query, from, to).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      if (to === from) throw new HistoryUnavailableError(from, error);
      return null;
    });
    if (logs === null) {
      span = Math.max(1, Math.floor((to - from + 1) / 2));
      continue;
    }
    yield logs;
    from = to + 1;
  }
}

async function requestLogs(
  { client, address, topics = [] }: LogQuery,
  fromBlock: number,
  toBlock: number,
): Promise<readonly MinedLog[]> {
  const logs = await client.request({
    method: "eth_getLogs",
    params: [
      {
        address: [...address],
        topics: [...topics],
        fromBlock: numberToHex(fromBlock),
        toBlock: numberToHex(toBlock),
      },
    ],
  });
  return logs.map((log) => formatLog(log) as MinedLog);
}

/** Whether the node answered, and answered with an error: the usual sign of a range with too many results. */
function isRefusal(error: unknown): boolean {
  return error instanceof BaseError && error.walk((cause) => cause instanceof RpcRequestError) !== null;
}

export class HistoryUnavailableError extends DomainError {
  readonly code = "historyUnavailable";

  constructor(block: number, cause: unknown) {
    super(`the node does not give the logs of block ${block}`, { cause });
  }
}
