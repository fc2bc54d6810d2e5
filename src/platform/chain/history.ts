import type { PublicClient } from "viem";
import { decodeSubmission } from "#domains/pool/decodeSubmission.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { placeFact, purposeOf } from "./blockEvents.ts";
import type { ChainEvent, EventPlace } from "./chainEvent.ts";
import { decodeEvent } from "./decodeEvent.ts";
import type { Deployment } from "./deployment.ts";
import { type MinedLog, readLogs } from "./readLogs.ts";

/** Blocks a request for logs: what public nodes commonly answer. A node that refuses gets smaller ranges. */
const MAX_RANGE_BLOCKS = 2_000;
/** Blocks fetched at once; keeps the connections to a node few. */
const MAX_PARALLEL_BLOCKS = 16;

export type HistoryRange = {
  readonly client: PublicClient;
  readonly deployment: Deployment;
  readonly fromBlock: number;
  readonly toBlock: number;
};

/**
 * All events of the deployment from `fromBlock` to `toBlock`, both included, in the order of the chain, in domain
 * values; what the operator submitted is read from the transactions' calldata.
 *
 * @throws HistoryUnavailableError when the node refuses even the logs of a single block
 * @throws HistoryChangedError when blocks are replaced while they are read; reading again helps
 */
export async function* readHistory(range: HistoryRange): AsyncGenerator<ChainEvent, void, undefined> {
  const { registry, clearingHouse, meterLedger, poolMarket } = range.deployment;
  const address = [registry, clearingHouse, meterLedger, poolMarket];
  for await (const logs of readLogs({ ...range, address, rangeBlocks: MAX_RANGE_BLOCKS })) {
    const blocks = groupByBlock(logs);
    for (let at = 0; at < blocks.length; at += MAX_PARALLEL_BLOCKS) {
      const batch = blocks.slice(at, at + MAX_PARALLEL_BLOCKS);
      const events = await Promise.all(batch.map((block) => readBlock(range, block)));
      yield* events.flat();
    }
  }
}

function groupByBlock(logs: readonly MinedLog[]): MinedLog[][] {
  const groups = new Map<bigint, MinedLog[]>();
  for (const log of logs) {
    const group = groups.get(log.blockNumber);
    if (group) group.push(log);
    else groups.set(log.blockNumber, [log]);
  }
  return [...groups.values()]
    .map((group) => group.sort((a, b) => a.logIndex - b.logIndex))
    .sort((a, b) => Number(firstOf(a).blockNumber - firstOf(b).blockNumber));
}

function firstOf(logs: readonly MinedLog[]): MinedLog {
  return present(logs[0], "the first log of a block");
}

async function readBlock({ client, deployment }: HistoryRange, logs: readonly MinedLog[]) {
  const { blockNumber, blockHash } = firstOf(logs);
  const block = await client.getBlock({ blockNumber, includeTransactions: true });
  if (block.hash !== blockHash) throw new HistoryChangedError(Number(blockNumber));
  const hashes = [...new Set(logs.map((log) => log.transactionHash))];
  const transactions = new Map<Hex, Awaited<ReturnType<typeof readTransaction>>>();
  for (const hash of hashes) {
    const transaction = block.transactions.find((candidate) => candidate.hash === hash);
    if (!transaction) throw new HistoryChangedError(Number(blockNumber));
    transactions.set(hash, await readTransaction({ client, deployment, transaction }));
  }
  const events: ChainEvent[] = [];
  for (const log of logs) {
    const { place, submission } = present(transactions.get(log.transactionHash), "a log's transaction");
    const fact = decodeEvent(deployment, log, submission);
    if (fact === null) continue;
    events.push(placeFact(fact, { ...place, timestamp: Number(block.timestamp), logIndex: log.logIndex }));
  }
  return events;
}

type ReadTransaction = {
  readonly client: PublicClient;
  readonly deployment: Deployment;
  readonly transaction: Awaited<ReturnType<PublicClient["getTransaction"]>>;
};

async function readTransaction({ client, deployment, transaction }: ReadTransaction) {
  const { hash, input, to } = transaction;
  const receipt = await client.getTransactionReceipt({ hash });
  const isToMarket = to?.toLowerCase() === deployment.poolMarket;
  const place: Omit<EventPlace, "timestamp" | "logIndex"> = {
    block: Number(receipt.blockNumber),
    blockHash: receipt.blockHash,
    transactionHash: hash,
    transactionIndex: receipt.transactionIndex,
    sender: transaction.from.toLowerCase() as Address,
    gasUsed: receipt.gasUsed,
    purpose: to === null ? null : purposeOf(deployment, to, input),
  };
  return { place, submission: decodeSubmission(isToMarket ? input : "0x") };
}

export class HistoryChangedError extends DomainError {
  readonly code = "historyChanged";

  constructor(block: number) {
    super(`block ${block} was replaced while its events were read`);
  }
}
