import { type Client, encodeEventTopics } from "viem";
import { getBlock, getBlockNumber, getTransaction, getTransactionReceipt } from "viem/actions";
import { type AccountsFact, houseEvents, registryEvents, tokenEvents } from "#domains/accounts/events.ts";
import { isMembershipFact, type MembershipEvent } from "#domains/metering/areaState.ts";
import { areaEvents, ledgerEvents, type MeteringFact } from "#domains/metering/events.ts";
import type { ChainIntervalEvidence } from "#domains/pool/check/intervalEvidence.ts";
import { type TermsVersion, termsFor } from "#domains/pool/rules/termsVersion.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { ContractEvents } from "#platform/chain/contractSpec.ts";
import { readEach } from "#platform/chain/readEach.ts";
import { collectLogs, intervalTopics, type MinedLog } from "#platform/chain/readLogs.ts";
import { eventsOfTransaction, factsOf } from "#platform/chain/transactionEvents.ts";
import { assembleEvidence, type EvidenceEvent } from "./assembleEvidence.ts";
import { poolMarketContract } from "./contracts.generated.ts";
import { type PoolFact, poolEvents } from "./events.ts";
import { type MarketContracts, type MarketPlace, readMarketContracts } from "./marketContracts.ts";

type IntervalKey = { readonly areaId: number; readonly intervalId: number };

/** A node with what is known of it: `headers` are those that were asked for, by block. */
type Reader = {
  readonly client: Client;
  readonly market: MarketContracts;
  readonly toBlock: number;
  readonly headers: Map<bigint, Promise<Header>>;
};

/** The contracts whose logs are read in a transaction of the market. */
const EVENTS: readonly ContractEvents<AccountsFact | MeteringFact | PoolFact>[] = [
  tokenEvents,
  registryEvents,
  areaEvents,
  houseEvents,
  ledgerEvents,
  poolEvents,
];

type Header = { readonly hash: Hex; readonly timestamp: bigint };

/**
 * The evidence of one interval from any node of the chain: its transactions with what they brought and moved, and the
 * registry as it was at each. What is not on the chain is missing: orders that were not submitted, the signatures of
 * readings, and movements by account. Every log has to be of the block that the node gives under its number.
 *
 * @throws WrongEvidenceChainError when the node is of another chain; UnknownMarketError when no market answers there
 * @throws UnknownIntervalError when the chain says nothing of the interval
 * @throws HistoryUnavailableError when the node refuses even the logs of a single block
 * @throws ContradictoryNodeError when the node's answers do not go together; after a reorganisation reading again helps
 */
export async function intervalEvidenceFromChain(
  client: Client,
  place: MarketPlace,
  { areaId, intervalId }: IntervalKey,
): Promise<ChainIntervalEvidence> {
  const market = await readMarketContracts(client, place);
  const key = { areaId, intervalId };
  const toBlock = Number(await getBlockNumber(client));
  const reader: Reader = { client, market, toBlock, headers: new Map() };
  const terms = await readTerms(reader, key);
  const events = await readTransactions(reader, key);
  const last = events.at(-1);
  if (terms === null || !last) throw new UnknownIntervalError(key);
  const memberships = await readMemberships({ ...reader, toBlock: last.block });
  // Who names a later first block than the market's may leave the area out.
  if (!memberships.some((event) => event.kind === "areaOpened" && event.areaId === areaId))
    throw new UnknownIntervalError(key);
  return assembleEvidence({ market, key, terms, events, memberships });
}

/** The terms that hold for the interval, of all versions that the area's operator announced. */
async function readTerms(reader: Reader, { areaId, intervalId }: IntervalKey): Promise<TermsVersion | null> {
  const { contracts } = reader.market;
  const event = { abi: poolMarketContract.abi, eventName: "TermsAnnounced", args: { areaId } } as const;
  const topics = encodeEventTopics(event) as (Hex | null)[];
  const logs = await readBoundLogs(reader, { address: [contracts.poolMarket], topics });
  const versions = factsOf(poolEvents, { logs, input: "0x", contracts }).flatMap(({ fact }) =>
    fact.kind === "termsAnnounced" ? [fact] : [],
  );
  return termsFor(versions, intervalId);
}

/** All events of the transactions that say something of the interval, in the order of the chain. */
async function readTransactions(reader: Reader, key: IntervalKey): Promise<EvidenceEvent[]> {
  const { poolMarket, meterLedger } = reader.market.contracts;
  const filter = { address: [poolMarket, meterLedger], topics: intervalTopics(key) };
  const logs = await readBoundLogs(reader, filter);
  const hashes = [...new Set(logs.map(({ transactionHash }) => transactionHash))];
  const events = await readEach(hashes, (hash) => readTransaction(reader, hash));
  return events.flat().sort((a, b) => a.block - b.block || a.logIndex - b.logIndex);
}

async function readTransaction(reader: Reader, hash: Hex): Promise<EvidenceEvent[]> {
  const { client, market } = reader;
  const [{ from, to, input, blockHash }, receipt] = await Promise.all([
    getTransaction(client, { hash }),
    getTransactionReceipt(client, { hash }),
  ]);
  const header = await readHeader(reader, receipt.blockNumber);
  if (receipt.status !== "success")
    throw new ContradictoryNodeError(`logs of transaction ${hash}, and says that it failed`);
  if (receipt.blockHash !== header.hash || blockHash !== header.hash)
    throw new ContradictoryNodeError(
      `transaction ${hash} in another block ${receipt.blockNumber} than its own`,
    );
  return eventsOfTransaction(
    { contracts: market.contracts, specs: EVENTS },
    {
      place: {
        block: Number(receipt.blockNumber),
        blockHash: receipt.blockHash,
        timestamp: Number(header.timestamp),
        transactionHash: hash,
        transactionIndex: receipt.transactionIndex,
        sender: from.toLowerCase() as Address,
        gasUsed: receipt.gasUsed,
      },
      to,
      input,
      logs: receipt.logs,
    },
  );
}

/** What the registries of participants and of areas logged, in the order of the chain. */
async function readMemberships(reader: Reader): Promise<MembershipEvent[]> {
  const { contracts } = reader.market;
  const logs = await readBoundLogs(reader, { address: [contracts.registry, contracts.areaRegistry] });
  const facts = [registryEvents, areaEvents].flatMap((spec) => {
    const own = logs.filter(({ address }) => address.toLowerCase() === contracts[spec.name]);
    return factsOf<AccountsFact | MeteringFact>(spec, { logs: own, input: "0x", contracts });
  });
  const events = await readEach(facts, async ({ fact, log: { blockNumber, logIndex } }) => {
    const { timestamp } = await readHeader(reader, blockNumber);
    return { ...fact, timestamp: Number(timestamp), block: Number(blockNumber), logIndex };
  });
  return events
    .filter((event): event is MembershipEvent => isMembershipFact(event))
    .sort((a, b) => a.block - b.block || a.logIndex - b.logIndex);
}

/** The logs, each of the block that the node gives under its number: not of one that was replaced. */
async function readBoundLogs(
  reader: Reader,
  filter: { readonly address: readonly Address[]; readonly topics?: readonly (Hex | null)[] },
): Promise<MinedLog[]> {
  const { client, market, toBlock } = reader;
  const logs = await collectLogs({ client, fromBlock: market.deployedAtBlock, toBlock, ...filter });
  const numbers = [...new Set(logs.map(({ blockNumber }) => blockNumber))];
  const headers = await readEach(numbers, (number) => readHeader(reader, number));
  const hashes = new Map(numbers.map((number, i) => [number, headers[i]?.hash]));
  const stray = logs.find(({ blockNumber, blockHash }) => hashes.get(blockNumber) !== blockHash);
  if (stray)
    throw new ContradictoryNodeError(`logs of another block ${stray.blockNumber} than the one that it gives`);
  return logs;
}

function readHeader({ client, headers }: Reader, blockNumber: bigint): Promise<Header> {
  const known = headers.get(blockNumber) ?? getBlock(client, { blockNumber });
  headers.set(blockNumber, known);
  return known;
}

export class UnknownIntervalError extends DomainError {
  readonly code = "unknownInterval";

  constructor({ areaId, intervalId }: IntervalKey) {
    super(`the chain says nothing of interval ${intervalId} of area ${areaId}`);
  }
}

export class ContradictoryNodeError extends DomainError {
  readonly code = "contradictoryNode";

  constructor(what: string) {
    super(`the node contradicts itself: it gives ${what}`);
  }
}
