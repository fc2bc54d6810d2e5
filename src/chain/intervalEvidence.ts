import { encodeEventTopics, numberToHex, type PublicClient } from "viem";
import type { Address, Hex } from "#evidence/hex.ts";
import type { AreaEvidence, ChainIntervalEvidence } from "#evidence/intervalEvidence.ts";
import { DomainError } from "#units/domainError.ts";
import { assembleEvidence } from "./assembleEvidence.ts";
import { type AuditEvent, eventsOfTransaction } from "./blockEvents.ts";
import { poolMarketContract } from "./contracts.generated.ts";
import { decodeEvent } from "./decodeEvent.ts";
import { NOTHING_SUBMITTED } from "./decodeSubmission.ts";
import type { Deployment } from "./deployment.ts";
import { type MinedLog, readLogs } from "./readLogs.ts";
import type { RegistryEvent } from "./registryState.ts";

/** Blocks a request for the few logs of one interval or of the registry; a node that refuses gets smaller ranges. */
const RANGE_BLOCKS = 10_000;
/** Transactions fetched at once; keeps the connections to a node few. */
const MAX_PARALLEL_TRANSACTIONS = 16;

type IntervalKey = { readonly areaId: number; readonly intervalId: number };
type Reader = { readonly client: PublicClient; readonly deployment: Deployment; readonly toBlock: number };

/**
 * The evidence of one interval from any node of the chain: its transactions with what they brought and moved, and the
 * registry as it was at each. What is not on the chain is missing: orders that were not submitted, the signatures of
 * readings, and movements by account.
 *
 * @param deployment where the contracts stand; a server may tell, and a lie leads to contracts that hold other evidence
 * @throws WrongEvidenceChainError when the node is of another chain
 * @throws UnknownIntervalError when the chain says nothing of the interval
 * @throws HistoryUnavailableError when the node refuses even the logs of a single block
 */
export async function intervalEvidenceFromChain(
  client: PublicClient,
  deployment: Deployment,
  { areaId, intervalId }: IntervalKey,
): Promise<ChainIntervalEvidence> {
  const chainId = await client.getChainId();
  if (chainId !== deployment.chainId) throw new WrongEvidenceChainError(chainId, deployment.chainId);
  const key = { areaId, intervalId };
  const reader = { client, deployment, toBlock: Number(await client.getBlockNumber()) };
  const area = await readArea(reader, key);
  const events = await readTransactions(reader, key);
  const last = events.at(-1);
  if (area === null || !last) throw new UnknownIntervalError(key);
  const registry = await readRegistry({ ...reader, toBlock: last.block });
  return assembleEvidence({ deployment, key, area, events, registry });
}

async function readArea(reader: Reader, { areaId }: IntervalKey): Promise<AreaEvidence | null> {
  const { poolMarket } = reader.deployment;
  const event = { abi: poolMarketContract.abi, eventName: "AreaCreated", args: { areaId } } as const;
  const topics = encodeEventTopics(event) as (Hex | null)[];
  const [log] = await collectLogs(reader, { address: [poolMarket], topics });
  const created = log && decodeEvent(reader.deployment, log, NOTHING_SUBMITTED);
  if (created?.kind !== "areaCreated") return null;
  const { operator, accounts, terms } = created;
  return { operator, accounts, terms };
}

/** All events of the transactions that say something of the interval, in the order of the chain. */
async function readTransactions(reader: Reader, { areaId, intervalId }: IntervalKey): Promise<AuditEvent[]> {
  const { poolMarket, meterLedger } = reader.deployment;
  // Area and interval are the first two indexed values of every event that tells of an interval.
  const topics = [null, topicOf(areaId), topicOf(intervalId)];
  const logs = await collectLogs(reader, { address: [poolMarket, meterLedger], topics });
  const hashes = [...new Set(logs.map(({ transactionHash }) => transactionHash))];
  const events: AuditEvent[] = [];
  for (let at = 0; at < hashes.length; at += MAX_PARALLEL_TRANSACTIONS) {
    const batch = hashes.slice(at, at + MAX_PARALLEL_TRANSACTIONS);
    const read = await Promise.all(batch.map((hash) => readTransaction(reader, hash)));
    events.push(...read.flat());
  }
  return events.sort((a, b) => a.block - b.block || a.logIndex - b.logIndex);
}

async function readTransaction({ client, deployment }: Reader, hash: Hex): Promise<AuditEvent[]> {
  const [{ from, to, input }, receipt] = await Promise.all([
    client.getTransaction({ hash }),
    client.getTransactionReceipt({ hash }),
  ]);
  const { timestamp } = await client.getBlock({ blockNumber: receipt.blockNumber });
  return eventsOfTransaction(deployment, {
    place: {
      block: Number(receipt.blockNumber),
      blockHash: receipt.blockHash,
      timestamp: Number(timestamp),
      transactionHash: hash,
      transactionIndex: receipt.transactionIndex,
      sender: from.toLowerCase() as Address,
      gasUsed: receipt.gasUsed,
    },
    to,
    input,
    logs: receipt.logs,
  });
}

async function readRegistry(reader: Reader): Promise<RegistryEvent[]> {
  const { deployment } = reader;
  const logs = await collectLogs(reader, { address: [deployment.registry] });
  return logs.flatMap((log) => {
    const fact = decodeEvent(deployment, log, NOTHING_SUBMITTED);
    return fact ? [{ ...fact, block: Number(log.blockNumber), logIndex: log.logIndex }] : [];
  });
}

async function collectLogs(
  { client, deployment, toBlock }: Reader,
  filter: { readonly address: readonly Address[]; readonly topics?: readonly (Hex | null)[] },
): Promise<MinedLog[]> {
  const range = { client, fromBlock: deployment.deployedAtBlock, toBlock, rangeBlocks: RANGE_BLOCKS };
  const found: MinedLog[] = [];
  for await (const logs of readLogs({ ...range, ...filter })) found.push(...logs);
  return found;
}

function topicOf(number: number): Hex {
  return numberToHex(number, { size: 32 });
}

export class WrongEvidenceChainError extends DomainError {
  readonly code = "wrongEvidenceChain";

  constructor(found: number, expected: number) {
    super(`the node is of chain ${found}; the interval is on chain ${expected}`);
  }
}

export class UnknownIntervalError extends DomainError {
  readonly code = "unknownInterval";

  constructor({ areaId, intervalId }: IntervalKey) {
    super(`the chain says nothing of interval ${intervalId} of area ${areaId}`);
  }
}
