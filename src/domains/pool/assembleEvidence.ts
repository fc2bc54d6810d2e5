import type { AccountsEvent } from "#domains/accounts/events.ts";
import {
  type RegistryEvent,
  type RegistryState,
  registryAt,
  standingWithFormer,
} from "#domains/accounts/registryState.ts";
import type { MeteringEvent } from "#domains/metering/events.ts";
import type {
  AreaEvidence,
  ChainIntervalEvidence,
  ClosingEvidence,
  DeviceStanding,
  PageEvidence,
  PublicationEvidence,
  ReturnEvidence,
  StepEvidence,
  TransactionEvidence,
} from "#domains/pool/check/intervalEvidence.ts";
import type { RecordedClearing } from "#domains/pool/rules/outcomeFault.ts";
import { isPaid, type Stage } from "#domains/pool/rules/stage.ts";
import { present } from "#kernel/units/assert.ts";
import { explainEscrow } from "./escrowMovements.ts";
import type { PoolEvent } from "./events.ts";
import type { MarketContracts } from "./marketContracts.ts";

/** What the events of an interval are looked for among. */
export type EvidenceEvent = AccountsEvent | MeteringEvent | PoolEvent;

type IntervalKey = { readonly areaId: number; readonly intervalId: number };
type ClearingEvent = PoolEvent<"stepVerified" | "intervalCleared">;

/**
 * The evidence of an interval from what the chain logged, all in its order: `events` of the transactions that tell of it,
 * at least one, and the registry's up to them.
 */
export function assembleEvidence({
  market,
  key,
  area,
  events,
  registry,
}: {
  market: MarketContracts;
  key: IntervalKey;
  area: AreaEvidence;
  events: readonly EvidenceEvent[];
  registry: readonly RegistryEvent[];
}): ChainIntervalEvidence {
  const { chainId, contracts } = market;
  const { poolMarket, meterLedger } = contracts;
  const own = events.filter((event): event is OwnEvent => isOf(event, key));
  const last = present(own.at(-1), "an event of the interval");
  const escrow = explainEscrow(events, poolMarket);
  const pages = own
    .flatMap((event) => (event.kind === "pageSettled" ? [pageOf(event, escrow)] : []))
    .sort((a, b) => a.page - b.page);
  const steps = own.filter(isClearing);
  const stage = stageOf(own);
  const positions = isPaid(stage) ? wordsByStep(pages, steps.length) : null;
  const atClearing = registryAt(registry, steps.at(-1) ?? last);
  const standingOf = (account: number) => standingWithFormer(atClearing, key.areaId, account);
  return {
    chainId,
    poolMarket,
    meterLedger,
    ...key,
    stage,
    area,
    steps: stepsOf({ steps, registry, escrow, positions }),
    rest: null,
    cleared: recordedOf(own),
    publication: publicationOf(own),
    readings: [],
    pages,
    closing: closingOf(own, escrow),
    returns: returnsOf(own, escrow),
    movements: null,
    transactions: transactionsOf(own),
    standings: new Map(atClearing.accounts().map((account) => [account, standingOf(account)])),
    devices: devicesOf(registryAt(registry, own.findLast(isPublication) ?? last), key.areaId),
  };
}

type OwnEvent = Extract<EvidenceEvent, IntervalKey>;

function isOf(event: EvidenceEvent, { areaId, intervalId }: IntervalKey): event is OwnEvent {
  return "intervalId" in event && event.areaId === areaId && event.intervalId === intervalId;
}

function isClearing(event: EvidenceEvent): event is ClearingEvent {
  return event.kind === "stepVerified" || event.kind === "intervalCleared";
}

function isPublication(event: EvidenceEvent): event is MeteringEvent<"readingsPublished"> {
  return event.kind === "readingsPublished";
}

type Escrow = ReadonlyMap<EvidenceEvent, bigint>;

function stepsOf({
  steps,
  registry,
  escrow,
  positions,
}: {
  steps: readonly ClearingEvent[];
  registry: readonly RegistryEvent[];
  escrow: Escrow;
  positions: readonly (readonly bigint[])[] | null;
}): StepEvidence[] {
  return steps.flatMap((event, i) => {
    const { submission, areaId, transactionHash, sender, timestamp } = event;
    if (submission === null) return [];
    const state = registryAt(registry, event);
    const accounts = new Set(
      [...submission.bids, ...submission.offers].map(({ participant }) => participant),
    );
    return {
      ...submission,
      transactionHash,
      sender,
      timestamp,
      standings: new Map([...accounts].map((account) => [account, state.standingOf(areaId, account)])),
      positions: positions && (positions[i] ?? []),
      heldMicro: escrow.get(event) ?? null,
    };
  });
}

/** The positions of all pages together, by step: complete once the last page is settled. */
function wordsByStep(pages: readonly PageEvidence[], steps: number): readonly (readonly bigint[])[] {
  return Array.from({ length: steps }, (_, step) => pages.flatMap(({ positions }) => positions[step] ?? []));
}

function pageOf(event: PoolEvent<"pageSettled">, escrow: Escrow): PageEvidence {
  const { page, transactionHash, timestamp, gridFeeMicro, submission } = event;
  return {
    page,
    transactionHash,
    timestamp,
    gridFeeMicro,
    positions: submission?.positions ?? [],
    shown: submission?.readings ?? null,
    releasedMicro: escrow.get(event) ?? null,
  };
}

function recordedOf(events: readonly EvidenceEvent[]): RecordedClearing | null {
  const cleared = events.find((event) => event.kind === "intervalCleared");
  if (!cleared) return null;
  const { pricing, localPriceMicroPerKwh, clearedWh, bookRoot } = cleared;
  return { pricing, localPriceMicroPerKwh, clearedWh, bookRoot };
}

function closingOf(events: readonly EvidenceEvent[], escrow: Escrow): ClosingEvidence | null {
  const closed = events.find((event) => event.kind === "intervalSettled");
  if (!closed) return null;
  const { supplierMicro, remainderMicro } = closed;
  return { supplierMicro, remainderMicro, releasedMicro: escrow.get(closed) ?? null };
}

function returnsOf(events: readonly EvidenceEvent[], escrow: Escrow): ReturnEvidence[] {
  return events.flatMap((event) => {
    if (event.kind !== "pageVoided") return [];
    const { page, transactionHash, timestamp } = event;
    return { page, transactionHash, timestamp, releasedMicro: escrow.get(event) ?? null };
  });
}

function transactionsOf(events: readonly EvidenceEvent[]): TransactionEvidence[] {
  const byHash = new Map(
    events.map(({ transactionHash, block, timestamp, sender, purpose, gasUsed }) => [
      transactionHash,
      { transactionHash, block, timestamp, sender, purpose, gasUsed },
    ]),
  );
  return [...byHash.values()];
}

function publicationOf(events: readonly EvidenceEvent[]): PublicationEvidence | null {
  const published = events.findLast(isPublication);
  if (!published) return null;
  const { root, version, meters } = published;
  return { root, version, meters };
}

function stageOf(events: readonly EvidenceEvent[]): Stage {
  const has = (kind: EvidenceEvent["kind"]) => events.some((event) => event.kind === kind);
  const cleared = events.find((event) => event.kind === "intervalCleared");
  if (has("intervalVoided")) return "voided";
  if (cleared?.clearedWh === 0n) return "untraded";
  if (has("intervalSettled")) return "settled";
  if (has("pageSettled")) return "settling";
  if (has("pageVoided")) return "voiding";
  if (cleared) return "cleared";
  return has("stepVerified") ? "clearing" : "collecting";
}

function devicesOf(state: RegistryState, areaId: number): ReadonlyMap<number, DeviceStanding> {
  return new Map(
    state.meteredIn(areaId).flatMap((account) => {
      const meterId = state.meterIdOf(account);
      return meterId === null
        ? []
        : [[account, { meterId, deviceKey: state.meterOf(meterId)?.deviceKey ?? null }] as const];
    }),
  );
}
