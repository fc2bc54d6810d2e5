import { type Client, encodeEventTopics } from "viem";
import { type AccountsFact, houseEvents, registryEvents, tokenEvents } from "#domains/accounts/events.ts";
import { areaEvents, ledgerEvents, type MeteringFact } from "#domains/metering/events.ts";
import { type NodeReader, openNodeReader } from "#domains/metering/nodeReader.ts";
import type { ChainIntervalEvidence } from "#domains/pool/check/intervalEvidence.ts";
import { type TermsVersion, termsFor } from "#domains/pool/rules/termsVersion.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { ContractEvents } from "#platform/chain/contractSpec.ts";
import { intervalTopics } from "#platform/chain/readLogs.ts";
import { factsOf } from "#platform/chain/transactionEvents.ts";
import { assembleEvidence } from "./assembleEvidence.ts";
import { poolMarketContract } from "./contracts.generated.ts";
import { type PoolFact, poolEvents } from "./events.ts";
import { type MarketContracts, type MarketPlace, readMarketContracts } from "./marketContracts.ts";

type IntervalKey = { readonly areaId: number; readonly intervalId: number };

/** The contracts whose logs are read in a transaction of the market. */
const EVENTS: readonly ContractEvents<AccountsFact | MeteringFact | PoolFact>[] = [
  tokenEvents,
  registryEvents,
  areaEvents,
  houseEvents,
  ledgerEvents,
  poolEvents,
];

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
  const reader = await openNodeReader(client, market);
  const terms = await readTerms(reader, market, key);
  const { poolMarket, meterLedger } = market.contracts;
  const logs = await reader.logs({ address: [poolMarket, meterLedger], topics: intervalTopics(key) });
  const events = await reader.eventsBehind(logs, EVENTS);
  const last = events.at(-1);
  if (terms === null || !last) throw new UnknownIntervalError(key);
  const memberships = await reader.memberships(last.block);
  // Who names a later first block than the market's may leave the area out.
  if (!memberships.some((event) => event.kind === "areaOpened" && event.areaId === areaId))
    throw new UnknownIntervalError(key);
  return assembleEvidence({ market, key, terms, events, memberships });
}

/** The terms that hold for the interval, of all versions that the area's operator announced. */
async function readTerms(
  reader: NodeReader,
  { contracts }: MarketContracts,
  { areaId, intervalId }: IntervalKey,
): Promise<TermsVersion | null> {
  const event = { abi: poolMarketContract.abi, eventName: "TermsAnnounced", args: { areaId } } as const;
  const topics = encodeEventTopics(event) as (Hex | null)[];
  const logs = await reader.logs({ address: [contracts.poolMarket], topics });
  const versions = factsOf(poolEvents, { logs, input: "0x", contracts }).flatMap(({ fact }) =>
    fact.kind === "termsAnnounced" ? [fact] : [],
  );
  return termsFor(versions, intervalId);
}

export class UnknownIntervalError extends DomainError {
  readonly code = "unknownInterval";

  constructor({ areaId, intervalId }: IntervalKey) {
    super(`the chain says nothing of interval ${intervalId} of area ${areaId}`);
  }
}
