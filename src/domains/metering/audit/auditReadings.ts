import { isMeteringEvent, type MeteringEvent } from "#domains/metering/events.ts";
import { ledgerSeparator, memberOfReading, readingWord } from "#domains/metering/rules/meterReading.ts";
import { type ReadingProof, rootOfProof } from "#domains/metering/rules/readingProof.ts";
import { buildReadingTree, type ReadingPage, readingContext } from "#domains/metering/rules/readingTree.ts";
import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { endsAt } from "#kernel/units/interval.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { type AuditBase, addCount, type IntervalPlace, type Replay } from "#platform/audit/replay.ts";
import { addressOf, type EventPlace } from "#platform/chain/contractSpec.ts";
import { type ReadingSource, verifyArchive } from "./auditArchive.ts";
import type { AreaReplay } from "./auditAreas.ts";
import { type Claims, createClaims } from "./auditClaims.ts";
import { type OpenedPage, type PageEvent, type Publication, verifyOpening } from "./auditOpening.ts";
import { findGatewayFault } from "./gatewayFault.ts";
import { createIntervalBytes, type IntervalBytes } from "./intervalBytes.ts";

/** Published roots, the claims on them, and the readings behind them where they are available (R6.11, R8.29). */
export type ReadingsReplay = Replay & {
  /**
   * Requires that the leaves of a settlement give the published root, that of `members`, those with a position, each reading
   * that is there is opened and no other, and that the page was claimed for exactly them in this transaction. Gives what
   * counts of their readings, and who had none.
   */
  openPage(event: PageEvent, readings: ShownReadings, members: ReadonlySet<number>): OpenedPage;
  /** Requires that a reading stands under the newest version of the interval, whose number it gives. */
  requireProven(event: IntervalPlace & EventPlace, proof: ReadingProof): number;
  /** Exported energy of a member that single claims took for sold energy, Wh. */
  claimedWh(place: IntervalPlace & { readonly member: number }): bigint;
  /** Whether any version of the interval's readings was published. */
  isPublished(place: IntervalPlace): boolean;
  /**
   * Forgets the readings of an interval, unless a market has still something to settle there. Of a corrected version the root
   * stays, for the settlement of what it corrects.
   */
  close(place: IntervalPlace): void;
};

/**
 * What the replay of the readings works with.
 *
 * @property positionedIn members with a position in the interval, in whatever market: their readings stand in the first list
 * @property isOpen whether a market has still something to settle or to give back in the interval
 */
export type ReadingsAudit = AuditBase & {
  readonly areas: AreaReplay;
  readonly readings: ReadingSource | null;
  readonly positionedIn: (place: IntervalPlace) => ReadonlySet<number>;
  readonly isOpen: (place: IntervalPlace) => boolean;
};

/**
 * Of each interval for good its version and who is claimed; of those that a market may still settle all that it takes.
 *
 * @property versions last published version, by area
 * @property publications the newest version of what is not settled yet
 */
type State = ReadingsAudit & {
  readonly separator: Uint8Array;
  readonly versions: IntervalBytes;
  readonly claims: Claims;
  readonly publications: Map<string, Publication>;
  unchecked: number;
};

/** Publications kept of which nothing is contracted: two days of quarter-hours, since a clearing comes before delivery ends. */
const MAX_UNCONTRACTED = 192;

/** Replays the meter ledger. */
export function replayReadings(audit: ReadingsAudit): ReadingsReplay {
  const { chainId } = audit.deployment;
  const state: State = {
    ...audit,
    separator: ledgerSeparator(chainId, addressOf(audit.deployment, "meterLedger")),
    versions: createIntervalBytes(),
    claims: createClaims(),
    publications: new Map(),
    unchecked: 0,
  };
  return {
    async apply(event) {
      if (!isMeteringEvent(event)) return;
      if (event.kind === "readingsPublished") await publish(state, event);
      else if (event.kind === "claimantAdmitted") state.claims.admit(event);
      else if (event.kind === "pageClaimed") claimPage(state, event);
      else if (event.kind === "readingClaimed") claimReading(state, event);
    },
    openPage: (event, shown, members) => openPage(state, { event, shown, members }),
    isPublished: ({ areaId, intervalId }) => state.versions.get(`${areaId}`, intervalId) > 0,
    requireProven: (event, proof) => requireProven(state, event, proof),
    claimedWh: (place) => state.claims.claimedWh(place),
    close: (place) => close(state, place),
    notes: () => (state.unchecked > 0 ? [uncheckedNote(state.unchecked)] : []),
    retained: () => [...state.publications.keys()],
  };
}

function uncheckedNote(unchecked: number): string {
  return `the devices' signatures of ${unchecked} readings were not checked: the archive of readings is not available`;
}

async function publish(state: State, event: MeteringEvent<"readingsPublished">): Promise<void> {
  const { areaId, intervalId, version, root } = event;
  requirePublishable(state, event);
  const { chainId } = state.deployment;
  const meterLedger = addressOf(state.deployment, "meterLedger");
  const context = readingContext({ chainId, meterLedger, areaId, intervalId, version });
  addCount(state.counts, "metering.roots");
  const archived = await checkArchive(state, event, context);
  state.versions.set(`${areaId}`, intervalId, version);
  state.publications.set(keyOf(event), { root, context, archived, areaId, intervalId });
  forgetUncontracted(state);
}

function close({ isOpen, versions, publications }: State, place: IntervalPlace): void {
  if (isOpen(place)) return;
  const publication = publications.get(keyOf(place));
  publications.delete(keyOf(place));
  const isCorrected = versions.get(`${place.areaId}`, place.intervalId) > 1;
  if (publication && isCorrected) publications.set(keyOf(place), { ...publication, archived: null });
}

function requireProven(state: State, event: IntervalPlace & EventPlace, proof: ReadingProof): number {
  const publication =
    state.publications.get(keyOf(event)) ??
    refuseInterval(
      event,
      "readingsRoot",
      "a reading is corrected of which no corrected version was published",
    );
  const member = memberOfReading(proof.reading);
  if (rootOfProof(proof, publication.context) !== publication.root) {
    const finding = `the corrected reading of member ${member} is not the one that was published`;
    refuseInterval(event, "readingOpened", finding, { member });
  }
  return state.versions.get(`${event.areaId}`, event.intervalId);
}

/** By the area's own gateway, when the interval is over, in the next version. */
function requirePublishable({ versions, areas }: State, event: MeteringEvent<"readingsPublished">): void {
  const { areaId, intervalId, version, timestamp } = event;
  const area = areas.areaOf(areaId);
  const fault = findGatewayFault(event, area);
  if (fault) refuseInterval(event, fault.rule, fault.finding);
  if (area === null || timestamp < endsAt(intervalId, area.intervalSeconds))
    refuseInterval(event, "publicationEarly", "readings are published before the interval is over");
  if (timestamp >= endsAt(intervalId, area.intervalSeconds) + area.finalSeconds)
    refuseInterval(event, "publicationLate", "readings are published after the final settlement of the area");
  const last = versions.get(`${areaId}`, intervalId);
  if (version !== last + 1)
    refuseInterval(event, "publicationVersion", `version ${version} of readings follows version ${last}`);
}

/** Forgets the oldest publications that no market has a position in; the others move to the end. */
function forgetUncontracted({ publications, positionedIn }: State): void {
  for (let looked = 0; looked < 2 && publications.size > MAX_UNCONTRACTED; looked += 1) {
    const [oldest] = publications;
    if (oldest === undefined) return;
    const [key, publication] = oldest;
    publications.delete(key);
    if (positionedIn(publication).size > 0) publications.set(key, publication);
  }
}

/** The pages of the published tree, when the archive has its readings; null when there is no archive. */
async function checkArchive(
  state: State,
  event: MeteringEvent<"readingsPublished">,
  context: Uint8Array,
): Promise<readonly ReadingPage[] | null> {
  const archived = (await state.readings?.(event.areaId, event.intervalId)) ?? null;
  if (archived === null) {
    state.unchecked += event.meters;
    return null;
  }
  const current = verifyArchive({ ...state, event, archived });
  if (current.length === 0) refuseInterval(event, "readingsRoot", "a root is published over no reading");
  const tree = buildReadingTree(current.map(readingWord), context, state.positionedIn(event));
  if (toHex(tree.root) !== event.root) {
    const finding = `the ${current.length} archived readings do not give the published root`;
    refuseInterval(event, "readingsRoot", finding);
  }
  addCount(state.counts, "metering.readings", current.length);
  return tree.pages;
}

/** A page is claimed when its readings were published, or are not waited for any more. */
function claimPage(state: State, event: MeteringEvent<"pageClaimed">): void {
  const { areaId, intervalId } = event;
  if (state.versions.get(`${areaId}`, intervalId) === 0 && !isWaitingOver(state, event))
    refuseInterval(event, "claim", "readings are claimed that were not published");
  state.claims.claimPage(event);
}

function claimReading(state: State, event: MeteringEvent<"readingClaimed">): void {
  if (state.versions.get(`${event.areaId}`, event.intervalId) === 0)
    refuseInterval(event, "claim", "a reading is claimed that was not published");
  state.claims.claimReading(event);
}

function openPage(
  state: State,
  opening: { event: PageEvent; shown: ShownReadings; members: ReadonlySet<number> },
): OpenedPage {
  const { event } = opening;
  const publication = state.publications.get(keyOf(event)) ?? refuseUnknown(state, event);
  const claim =
    state.claims.claimIn(event.transactionHash, event) ??
    refuseInterval(event, "claim", "the settlement did not claim its readings", { page: event.page });
  const opened = verifyOpening({
    ...opening,
    ...{ publication, claim, claims: state.claims },
    isWaitingOver: isWaitingOver(state, event),
  });
  addCount(state.counts, "metering.opened", opened.metered.size - opened.missing.length);
  return opened;
}

/** Whether readings that are not there are not waited for any more. */
function isWaitingOver({ areas }: State, event: IntervalPlace & { readonly timestamp: number }): boolean {
  const area = areas.areaOf(event.areaId);
  if (area === null) return false;
  return event.timestamp >= endsAt(event.intervalId, area.intervalSeconds) + area.waitingSeconds;
}

/** Of what was published and forgotten, nothing was contracted for two days and more: nobody can have metered it. */
function refuseUnknown({ versions }: State, event: PageEvent): never {
  const isPublished = versions.get(`${event.areaId}`, event.intervalId) > 0;
  const finding = isPublished
    ? "the readings were published too long before anything was contracted to be those of its delivery"
    : "no readings were published";
  return refuseInterval(event, "readingsRoot", finding);
}

function keyOf({ areaId, intervalId }: IntervalPlace): string {
  return `${areaId}/${intervalId}`;
}
