import type { PublicClient } from "viem";
import type { Address } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { ChainEvent, ContractEvents, Deployment } from "./contractSpec.ts";
import { type MinedLog, readLogs } from "./readLogs.ts";
import { eventsOfTransaction } from "./transactionEvents.ts";

/** Blocks a request for logs: what public nodes commonly answer. A node that refuses gets smaller ranges. */
const MAX_RANGE_BLOCKS = 2_000;
/** Blocks fetched at once; keeps the connections to a node few. */
const MAX_PARALLEL_BLOCKS = 16;

export type HistoryRange = {
  readonly client: PublicClient;
  readonly deployment: Deployment;
  readonly specs: readonly ContractEvents[];
  readonly fromBlock: number;
  readonly toBlock: number;
};

/**
 * All events of the deployment from `fromBlock` to `toBlock`, both included, in the order of the chain, in domain
 * values; what was submitted is read from the transactions' calldata.
 *
 * @throws HistoryUnavailableError when the node refuses even the logs of a single block
 * @throws HistoryChangedError when blocks are replaced while they are read; reading again helps
 */
export async function* readHistory(range: HistoryRange): AsyncGenerator<ChainEvent, void, undefined> {
  const specs = range.specs.filter(({ decode, isForAudit }) => decode && !isForAudit);
  const address = specs.flatMap(({ name }) => range.deployment.contracts[name] ?? []);
  for await (const logs of readLogs({ ...range, address, rangeBlocks: MAX_RANGE_BLOCKS })) {
    const blocks = groupByBlock(logs);
    for (let at = 0; at < blocks.length; at += MAX_PARALLEL_BLOCKS) {
      const batch = blocks.slice(at, at + MAX_PARALLEL_BLOCKS);
      const events = await Promise.all(batch.map((block) => readBlock({ ...range, specs }, block)));
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

async function readBlock(range: HistoryRange, logs: readonly MinedLog[]): Promise<ChainEvent[]> {
  const { client } = range;
  const { blockNumber, blockHash } = firstOf(logs);
  const block = await client.getBlock({ blockNumber, includeTransactions: true });
  if (block.hash !== blockHash) throw new HistoryChangedError(Number(blockNumber));
  const events: ChainEvent[] = [];
  for (const hash of new Set(logs.map((log) => log.transactionHash))) {
    const transaction = block.transactions.find((candidate) => candidate.hash === hash);
    if (!transaction) throw new HistoryChangedError(Number(blockNumber));
    const own = logs.filter((log) => log.transactionHash === hash);
    events.push(...(await readTransaction(range, { transaction, block, logs: own })));
  }
  return events;
}

type MinedTransaction = {
  readonly transaction: Awaited<ReturnType<PublicClient["getTransaction"]>>;
  readonly block: { readonly timestamp: bigint };
  readonly logs: readonly MinedLog[];
};

async function readTransaction(
  { client, deployment, specs }: HistoryRange,
  { transaction, block, logs }: MinedTransaction,
): Promise<ChainEvent[]> {
  const { hash, input, to, from } = transaction;
  const receipt = await client.getTransactionReceipt({ hash });
  const place = {
    block: Number(receipt.blockNumber),
    blockHash: receipt.blockHash,
    timestamp: Number(block.timestamp),
    transactionHash: hash,
    transactionIndex: receipt.transactionIndex,
    sender: from.toLowerCase() as Address,
    gasUsed: receipt.gasUsed,
  };
  return eventsOfTransaction({ contracts: deployment.contracts, specs }, { place, to, input, logs });
}

export class HistoryChangedError extends DomainError {
  readonly code = "historyChanged";

  constructor(block: number) {
    super(`block ${block} was replaced while its events were read`);
  }
}
