import { type Client, encodeEventTopics } from "viem";
import { ledgerEvents } from "#domains/metering/events.ts";
import { type NodeReader, openNodeReader } from "#domains/metering/nodeReader.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { intervalTopics } from "#platform/chain/readLogs.ts";
import { factsOf } from "#platform/chain/transactionEvents.ts";
import { assemblePeriod, type QuotaTermsVersion } from "./assemblePeriod.ts";
import type { PeriodEvidence, PublicationEvidence } from "./check/periodEvidence.ts";
import { quotaMarketContract } from "./contracts.generated.ts";
import { quotaEvents } from "./events.ts";
import { type QuotaContracts, type QuotaPlace, readQuotaContracts } from "./quotaContracts.ts";
import { intervalsOfPeriod } from "./rules/quotaTerms.ts";

type PeriodKey = { readonly areaId: number; readonly period: number };

/**
 * The evidence of one period of quotas from any node of the chain: all of it is there, so that nothing of a server need be believed
 * (R6.3).
 *
 * @throws OtherChainError, UnknownQuotaMarketError as {@link readQuotaContracts}
 * @throws UnknownPeriodError when the chain says nothing of the period
 * @throws HistoryUnavailableError, ContradictoryNodeError as {@link openNodeReader}
 */
export async function periodEvidenceFromChain(
  client: Client,
  place: QuotaPlace,
  key: PeriodKey,
): Promise<PeriodEvidence> {
  const market = await readQuotaContracts(client, place);
  const { quotaMarket } = market.contracts;
  const reader = await openNodeReader(client, market);
  const terms = await readTerms(reader, market, key);
  const { areaId, period } = key;
  const topics = intervalTopics({ areaId, intervalId: period });
  const events = await reader.eventsBehind(await reader.logs({ address: [quotaMarket], topics }), [
    quotaEvents,
  ]);
  const last = events.at(-1);
  if (terms === null || !last) throw new UnknownPeriodError(key);
  const memberships = await reader.memberships(last.block);
  const opened = memberships.find((event) => event.kind === "areaOpened" && event.areaId === areaId);
  // Who names a later first block than the market's may leave the area out.
  if (opened?.kind !== "areaOpened") throw new UnknownPeriodError(key);
  const { intervalSeconds } = opened.setup;
  const intervals = intervalsOfPeriod(period, { ...terms.terms, intervalSeconds });
  const publications = await Promise.all(
    intervals.map((id) => readPublications(reader, market, { areaId, id })),
  );
  return assemblePeriod({ market, key, terms, events, memberships, publications: publications.flat() });
}

/** The rules that hold for the period, of all versions that the grid operator announced. */
async function readTerms(
  reader: NodeReader,
  { contracts }: QuotaContracts,
  { areaId, period }: PeriodKey,
): Promise<QuotaTermsVersion | null> {
  const event = { abi: quotaMarketContract.abi, eventName: "QuotaTermsAnnounced", args: { areaId } } as const;
  const topics = encodeEventTopics(event) as (Hex | null)[];
  const logs = await reader.logs({ address: [contracts.quotaMarket], topics });
  const versions = factsOf(quotaEvents, { logs, input: "0x", contracts }).flatMap(({ fact }) =>
    fact.kind === "quotaTermsAnnounced" ? [fact] : [],
  );
  return versions.findLast(({ fromPeriod }) => fromPeriod <= period) ?? null;
}

async function readPublications(
  reader: NodeReader,
  { contracts }: QuotaContracts,
  { areaId, id }: { readonly areaId: number; readonly id: number },
): Promise<PublicationEvidence[]> {
  const topics = intervalTopics({ areaId, intervalId: id });
  const logs = await reader.logs({ address: [contracts.meterLedger], topics });
  return factsOf(ledgerEvents, { logs, input: "0x", contracts }).flatMap(({ fact, log }) =>
    fact.kind === "readingsPublished"
      ? [{ intervalId: id, version: fact.version, root: fact.root, block: Number(log.blockNumber) }]
      : [],
  );
}

export class UnknownPeriodError extends DomainError {
  readonly code = "unknownPeriod";

  constructor({ areaId, period }: PeriodKey) {
    super(`the chain says nothing of period ${period} of area ${areaId}`);
  }
}
