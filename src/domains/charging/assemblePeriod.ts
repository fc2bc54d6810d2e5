import { type MembershipEvent, membershipsAt } from "#domains/metering/areaState.ts";
import { present } from "#kernel/units/assert.ts";
import type {
  AuctionEvidence,
  PaymentEvidence,
  PeriodEvidence,
  PublicationEvidence,
  StationStanding,
} from "./check/periodEvidence.ts";
import type { ChargingEvent, ChargingFact } from "./events.ts";
import type { QuotaContracts } from "./quotaContracts.ts";
import { windowsOf } from "./rules/quotaTerms.ts";

/** A version of an area's rules. */
export type QuotaTermsVersion = Pick<ChargingFact<"quotaTermsAnnounced">, "version" | "fromPeriod" | "terms">;

type Kind = ChargingEvent["kind"];
type PeriodKey = { readonly areaId: number; readonly period: number };

/** What all parts of a period's evidence are made of. */
type Story = {
  readonly key: PeriodKey;
  readonly terms: QuotaTermsVersion;
  readonly own: readonly ChargingEvent[];
  readonly memberships: readonly MembershipEvent[];
};

/**
 * The evidence of a period from what the chain logged, all in its order: `events` of the transactions that tell of it, what the
 * registries logged up to them, the rules that hold for it, and the publications of its intervals.
 */
export function assemblePeriod({
  market: { chainId, contracts },
  key,
  terms,
  events,
  memberships,
  publications,
}: {
  readonly market: QuotaContracts;
  readonly key: PeriodKey;
  readonly terms: QuotaTermsVersion;
  readonly events: readonly ChargingEvent[];
  readonly memberships: readonly MembershipEvent[];
  readonly publications: readonly PublicationEvidence[];
}): PeriodEvidence {
  const own = events.filter((event) => isOf(event, key));
  const story: Story = { key, terms, own, memberships };
  const opened = present(ofKind(own, "periodInitialized")[0], "the margin of the period");
  const { registry, areas } = membershipsBefore(story, opened.block);
  const area = present(areas.areaOf(key.areaId), "the area of the period");
  const dso = areas.memberOf({ areaId: key.areaId, member: area.dso });
  const { timestamp, sender, termsVersion, marginW, forecastW, reserveW, tariffMicroPerKwh } = opened;
  return {
    ...{ chainId, quotaMarket: contracts.quotaMarket, meterLedger: contracts.meterLedger, ...key },
    ...{ intervalSeconds: area.intervalSeconds, waitingSeconds: area.waitingSeconds },
    dsoOwner: registry.ownerOf(dso?.account ?? 0),
    ...{ version: terms.version, terms: terms.terms },
    opening: { timestamp, sender, termsVersion, marginW, forecastW, reserveW, tariffMicroPerKwh },
    demands: ofKind(own, "demandSubmitted").map((event) => ({
      ...{ member: event.member, timestamp: event.timestamp },
      ...{ demandW: event.demandW, depositMicro: event.depositMicro },
      standing: standingOf(story, event, { member: event.member, closesAt: event.timestamp }),
    })),
    division: divisionOf(story),
    auction: auctionOf(story),
    publications,
    payments: ofKind(own, "energyPaid").map(paymentOf),
    withdrawals: ofKind(own, "depositWithdrawn").map((event) => ({
      ...{ member: event.member, timestamp: event.timestamp, amountMicro: event.amountMicro },
    })),
  };
}

function isOf(event: ChargingEvent, { areaId, period }: PeriodKey): boolean {
  return "period" in event && event.areaId === areaId && event.period === period;
}

function ofKind<K extends Kind>(events: readonly ChargingEvent[], kind: K) {
  return events.filter((event): event is Extract<ChargingEvent, { kind: K }> => event.kind === kind);
}

/** Who took part before a block. */
function membershipsBefore({ memberships }: Story, block: number) {
  return membershipsAt(memberships, { block, logIndex: 0 });
}

function standingOf(
  story: Story,
  { block }: { readonly block: number },
  { member, closesAt }: { readonly member: number; readonly closesAt: number },
): StationStanding {
  const { areas } = membershipsBefore(story, block);
  const { signer, isTradable, capacityW } = areas.standingOf({ areaId: story.key.areaId, member, closesAt });
  return { signer, isTradable, capacityW };
}

function divisionOf({ own }: Story): PeriodEvidence["division"] {
  const [event] = ofKind(own, "quotasAllocated");
  if (!event) return null;
  const { timestamp, isRationed, totalDemandW, cutRemainder, cutMember } = event;
  return { timestamp, isRationed, totalDemandW, cutRemainder, cutMember };
}

function auctionOf(story: Story): AuctionEvidence | null {
  const { own, key, terms } = story;
  const [cleared] = ofKind(own, "quotasCleared");
  if (!cleared) return null;
  const { timestamp, sender, localPriceMicroPerKw, clearedW, remainderMicro, bookRoot, submission } = cleared;
  const closesAt = windowsOf(key.period, terms.terms).ordersEndAt;
  const trades = ofKind(own, "quotaTraded").map(({ member, quotaW, paymentMicro }) => ({
    ...{ member, quotaW, paymentMicro },
  }));
  const ordering = [...(submission?.bids ?? []), ...(submission?.offers ?? [])];
  const members = new Set([
    ...ordering.map(({ participant }) => participant),
    ...trades.map(({ member }) => member),
  ]);
  return {
    ...{ timestamp, sender, localPriceMicroPerKw, clearedW, remainderMicro, bookRoot, trades },
    book: submission,
    standings: new Map(
      [...members].map((member) => [member, standingOf(story, cleared, { member, closesAt })]),
    ),
  };
}

function paymentOf(event: ChargingEvent<"energyPaid">): PaymentEvidence {
  const { member, missing, timestamp, block, meteredWh, excessWh, feeMicro, penaltyMicro, submission } =
    event;
  return {
    member,
    missing,
    timestamp,
    block,
    meteredWh,
    excessWh,
    feeMicro,
    penaltyMicro,
    brought: submission,
  };
}
