import type { AccountsEvent } from "#domains/accounts/events.ts";
import { type MembershipEvent, type Memberships, membershipsAt } from "#domains/metering/areaState.ts";
import type { MeteringEvent } from "#domains/metering/events.ts";
import { ENERGY_PURPOSE } from "#domains/metering/rules/purposes.ts";
import type {
  AbandonedEvidence,
  AreaEvidence,
  ChainIntervalEvidence,
  ClosingEvidence,
  DeviceStanding,
  PageEvidence,
  PagePositions,
  PublicationEvidence,
  ReturnEvidence,
  StepEvidence,
  TransactionEvidence,
} from "#domains/pool/check/intervalEvidence.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import type { RecordedClearing } from "#domains/pool/rules/outcomeFault.ts";
import type { Stage } from "#domains/pool/rules/stage.ts";
import type { TermsVersion } from "#domains/pool/rules/termsVersion.ts";
import { present } from "#kernel/units/assert.ts";
import { endsAt } from "#kernel/units/interval.ts";
import { explainEscrow } from "./escrowMovements.ts";
import type { PoolEvent } from "./events.ts";
import type { MarketContracts } from "./marketContracts.ts";

/** What the events of an interval are looked for among. */
export type EvidenceEvent = AccountsEvent | MeteringEvent | PoolEvent;

type IntervalKey = { readonly areaId: number; readonly intervalId: number };
type ClearingEvent = PoolEvent<"stepVerified" | "intervalCleared">;

/** What all parts of an interval's evidence are made of: its own events, and those of its present attempt. */
type Story = {
  readonly key: IntervalKey;
  readonly terms: TermsVersion;
  readonly own: readonly OwnEvent[];
  readonly attempt: number;
  readonly escrow: ReadonlyMap<EvidenceEvent, bigint>;
  readonly memberships: readonly MembershipEvent[];
};

/**
 * The evidence of an interval from what the chain logged, all in its order: `events` of the transactions that tell of it,
 * at least one, what the registries logged up to them, and the terms that hold for it.
 */
export function assembleEvidence({
  market,
  key,
  terms,
  events,
  memberships,
}: {
  market: MarketContracts;
  key: IntervalKey;
  terms: TermsVersion;
  events: readonly EvidenceEvent[];
  memberships: readonly MembershipEvent[];
}): ChainIntervalEvidence {
  const { chainId, contracts } = market;
  const { poolMarket, meterLedger } = contracts;
  const own = events.filter((event): event is OwnEvent => isOf(event, key));
  const last = present(own.at(-1), "an event of the interval");
  const attempt = own.filter(({ kind }) => kind === "clearingAbandoned").length;
  const escrow = explainEscrow(events, poolMarket);
  const story: Story = { key, terms, own, attempt, escrow, memberships };
  const steps = stepEvents(story);
  const { registry: _registry, areas } = membershipsAt(memberships, steps.at(-1) ?? last);
  const closesAt = gateClosesAt(key.intervalId, terms.terms);
  const standings = areas
    .members()
    .filter(({ areaId }) => areaId === key.areaId)
    .map(({ areaId, member }) => [member, areas.standingWithFormer({ areaId, member, closesAt })] as const);
  return {
    chainId,
    poolMarket,
    meterLedger,
    ...key,
    stage: stageOf(story),
    attempt,
    area: areaOf(story),
    steps: stepsOf(story),
    rest: null,
    cleared: recordedOf(story),
    positions: positionsOf(story),
    publications: publicationsOf(own),
    readings: [],
    pages: pagesOf(story, poolMarket),
    closing: closingOf(own),
    returns: returnsOf(story),
    abandoned: abandonedOf(story),
    movements: null,
    transactions: transactionsOf(own),
    standings: new Map(standings),
    devices: devicesOf(story, areas),
  };
}

type OwnEvent = Extract<EvidenceEvent, IntervalKey>;

function isOf(event: EvidenceEvent, { areaId, intervalId }: IntervalKey): event is OwnEvent {
  return "intervalId" in event && event.areaId === areaId && event.intervalId === intervalId;
}

/** The steps of the clearing that was not given up. */
function stepEvents({ own, attempt }: Story): ClearingEvent[] {
  return own.filter((event): event is ClearingEvent => isClearing(event) && event.attempt === attempt);
}

function isClearing(event: EvidenceEvent): event is ClearingEvent {
  return event.kind === "stepVerified" || event.kind === "intervalCleared";
}

/** The area's parties are those of the moment in which the clearing began; before one, of the last event. */
function areaOf(story: Story): AreaEvidence {
  const { key, terms, own, memberships } = story;
  const { areas } = membershipsAt(memberships, present(stepEvents(story)[0] ?? own.at(-1), "an event"));
  const { supplier, dso, fund, waitingSeconds } = present(areas.areaOf(key.areaId), "the area");
  return {
    parties: { supplier, dso, fund },
    waitingSeconds,
    termsVersion: terms.version,
    terms: terms.terms,
  };
}

function stepsOf(story: Story): StepEvidence[] {
  const { key, terms, escrow, memberships } = story;
  const closesAt = gateClosesAt(key.intervalId, terms.terms);
  return stepEvents(story).flatMap((event) => {
    const { submission, areaId, transactionHash, sender, timestamp } = event;
    if (submission === null) return [];
    const { outcome, bids, offers, isLast } = submission;
    const { areas } = membershipsAt(memberships, event);
    const members = new Set([...bids, ...offers].map(({ participant }) => participant));
    return {
      transactionHash,
      sender,
      operator: present(areas.areaOf(areaId), "the area of a clearing").operator,
      timestamp,
      outcome,
      bids,
      offers,
      isLast,
      standings: new Map(
        [...members].map((member) => [member, areas.standingOf({ areaId, member, closesAt })]),
      ),
      heldMicro: escrow.get(event) ?? 0n,
    };
  });
}

function recordedOf({ own }: Story): RecordedClearing | null {
  const cleared = own.find((event) => event.kind === "intervalCleared");
  if (!cleared) return null;
  const { attempt, termsVersion, localPriceMicroPerKwh, clearedWh, bookRoot } = cleared;
  const isUnsupplied = own.some((event) => event.kind === "intervalUnsupplied" && event.attempt === attempt);
  return { termsVersion, isSupplied: !isUnsupplied, localPriceMicroPerKwh, clearedWh, bookRoot };
}

/** The chain holds hashes of the positions until a page is settled, or given back. */
function positionsOf({ own, attempt }: Story): PagePositions[] {
  const pages = own.flatMap((event): PagePositions[] => {
    const isTold =
      event.kind === "pageSettled" || (event.kind === "pageReturned" && event.attempt === attempt);
    if (!isTold || event.submission === null) return [];
    return [{ page: event.page, words: event.submission.positions }];
  });
  return pages.sort((a, b) => a.page - b.page);
}

function publicationsOf(own: readonly OwnEvent[]): PublicationEvidence[] {
  return own.flatMap((event) => {
    if (event.kind !== "readingsPublished") return [];
    const { version, root, meters, timestamp } = event;
    return { version, root, meters, timestamp };
  });
}

function pagesOf({ own, escrow }: Story, poolMarket: string): PageEvidence[] {
  const pages = own.flatMap((event, i): PageEvidence[] => {
    if (event.kind !== "pageSettled") return [];
    const { page, transactionHash, timestamp, missing, gridFeeMicro, submission } = event;
    const before = own.slice(0, i);
    return [
      {
        page,
        transactionHash,
        timestamp,
        version: publicationsOf(before).at(-1)?.version ?? null,
        shown: submission?.readings ?? null,
        missing,
        ...claimedBefore(before, event, poolMarket),
        gridFeeMicro,
        releasedMicro: -(escrow.get(event) ?? 0n),
      },
    ];
  });
  return pages.sort((a, b) => a.page - b.page);
}

/** What others had claimed before a page was settled; the claim of the settlement itself is of its own transaction. */
function claimedBefore(
  before: readonly OwnEvent[],
  { page, transactionHash }: PoolEvent<"pageSettled">,
  poolMarket: string,
): Pick<PageEvidence, "taken" | "claims"> {
  let taken = 0n;
  const claims: { member: number; energyWh: bigint }[] = [];
  for (const event of before) {
    if (event.kind === "pageClaimed" && event.page === page) {
      const isOwn = event.claimant === poolMarket && event.transactionHash === transactionHash;
      if (!isOwn) taken |= event.members;
    } else if (event.kind === "readingClaimed" && event.claimPurpose === ENERGY_PURPOSE)
      claims.push({ member: event.member, energyWh: event.energyWh });
  }
  return { taken, claims };
}

function closingOf(own: readonly OwnEvent[]): ClosingEvidence | null {
  const at = own.findIndex((event) => event.kind === "intervalSettled");
  const closed = own[at];
  const last = own.slice(0, Math.max(at, 0)).findLast((event) => event.kind === "pageSettled");
  if (closed?.kind !== "intervalSettled" || !last) return null;
  const { supplierMicro, remainderMicro } = closed;
  return { page: last.page, supplierMicro, remainderMicro };
}

function returnsOf({ own, escrow }: Story): ReturnEvidence[] {
  return own.flatMap((event) => {
    if (event.kind !== "pageReturned") return [];
    const { attempt, page, transactionHash, timestamp } = event;
    return { attempt, page, transactionHash, timestamp, releasedMicro: -(escrow.get(event) ?? 0n) };
  });
}

function abandonedOf({ own, escrow }: Story): AbandonedEvidence[] {
  return own.flatMap((event) => {
    if (event.kind !== "clearingAbandoned") return [];
    const { attempt, transactionHash, timestamp } = event;
    const steps = own.filter((step) => step.kind === "stepVerified" && step.attempt === attempt);
    const heldMicro = steps.reduce((sum, step) => sum + (escrow.get(step) ?? 0n), 0n);
    const releasedMicro = -(escrow.get(event) ?? 0n);
    const isReturned =
      heldMicro === releasedMicro ||
      own.some((other) => other.kind === "intervalReturned" && other.attempt === attempt);
    return { attempt, transactionHash, timestamp, heldMicro, releasedMicro, isReturned };
  });
}

function transactionsOf(events: readonly OwnEvent[]): TransactionEvidence[] {
  const byHash = new Map(
    events.map(({ transactionHash, block, timestamp, sender, purpose, gasUsed }) => [
      transactionHash,
      { transactionHash, block, timestamp, sender, purpose, gasUsed },
    ]),
  );
  return [...byHash.values()];
}

function stageOf({ own, attempt }: Story): Stage {
  const ofAttempt = own.filter((event) => !("attempt" in event) || event.attempt === attempt);
  const has = (kind: EvidenceEvent["kind"]) => ofAttempt.some((event) => event.kind === kind);
  const cleared = own.find((event) => event.kind === "intervalCleared");
  if (has("intervalReturned")) return "returned";
  if (cleared?.clearedWh === 0n) return "untraded";
  if (has("intervalSettled")) return "settled";
  if (has("pageSettled")) return "settling";
  if (has("pageReturned")) return "returning";
  if (cleared) return "cleared";
  return has("stepVerified") ? "clearing" : "collecting";
}

/** Each member's meter, with the key in force at the end of the interval. */
function devicesOf({ key, terms }: Story, areas: Memberships["areas"]): ReadonlyMap<number, DeviceStanding> {
  const { areaId, intervalId } = key;
  const overAt = endsAt(intervalId, terms.terms.intervalSeconds);
  return new Map(
    areas.members().flatMap(({ areaId: area, member, meterId }) => {
      if (area !== areaId || meterId === null) return [];
      const point = areas.meterAt(meterId, overAt);
      const isHere = point?.areaId === areaId && point.member === member;
      return [[member, { meterId, deviceKey: isHere ? point.deviceKey : null }] as const];
    }),
  );
}
