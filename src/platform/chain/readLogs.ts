import { BaseError, type Client, formatLog, type Log, numberToHex, RpcRequestError } from "viem";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";

/** A log that is in a block. */
export type MinedLog = Log<bigint, number, false>;

/**
 * Which logs are asked for.
 *
 * @property topics what the leading topics must be; null takes any
 * @property rangeBlocks blocks a request; a node that refuses gets smaller ranges
 */
export type LogQuery = {
  readonly client: Client;
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

/** Blocks a request for logs of which there are few; a node that refuses gets smaller ranges. */
const WIDE_RANGE_BLOCKS = 10_000;

/**
 * Few logs from `fromBlock` to `toBlock`, both included, in the order of the chain.
 *
 * @throws HistoryUnavailableError when the node refuses even the logs of a single block
 */
export async function collectLogs(query: Omit<LogQuery, "rangeBlocks">): Promise<MinedLog[]> {
  const found: MinedLog[] = [];
  for await (const logs of readLogs({ ...query, rangeBlocks: WIDE_RANGE_BLOCKS }))
    for (const log of logs) found.push(log);
  return found;
}

/** What the topics are of every event that tells of an interval: area and interval are its first two indexed values. */
export function intervalTopics({ areaId, intervalId }: { areaId: number; intervalId: number }) {
  return [null, numberToHex(areaId, { size: 32 }), numberToHex(intervalId, { size: 32 })] as const;
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

/** The cause's first line says what happened: a refusal in the node's words, or a connection without an answer. */
export class HistoryUnavailableError extends DomainError {
  readonly code = "historyUnavailable";

  constructor(block: number, cause: unknown) {
    const [why] = cause instanceof Error ? cause.message.split("\n") : [];
    super(`the node does not give the logs of block ${block}${why ? `: ${why}` : ""}`, { cause });
  }
}
