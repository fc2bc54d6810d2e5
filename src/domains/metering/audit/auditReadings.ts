import type { RegistryReplay } from "#domains/accounts/audit/auditRegistry.ts";
import { isMeteringEvent, type MeteringEvent } from "#domains/metering/events.ts";
import { ledgerSeparator, type MeteredEnergy, readingWord } from "#domains/metering/rules/meterReading.ts";
import { ENERGY_PURPOSE } from "#domains/metering/rules/purposes.ts";
import { buildReadingTree, readingContext, type Segment } from "#domains/metering/rules/readingTree.ts";
import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { type AuditBase, addCount, type IntervalPlace, type Replay } from "#platform/audit/replay.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { type ReadingSource, verifyArchive } from "./auditArchive.ts";
import { type PageEvent, type Publication, verifyOpening } from "./auditOpening.ts";
import { createIntervalBytes, type IntervalBytes } from "./intervalBytes.ts";

/** Published roots, the claims on them, and the readings behind them where they are available (R6.11, R8.29). */
export type ReadingsReplay = Replay & {
  /**
   * Requires that the leaves of a settlement give the published root, that exactly the readings of `accounts` are
   * opened, and that the page was claimed for energy in this transaction. Gives what the meters registered.
   */
  openPage(
    event: PageEvent,
    readings: ShownReadings,
    accounts: ReadonlySet<number>,
  ): ReadonlyMap<number, MeteredEnergy>;
  /** Forgets the readings of an interval, unless a market has still something to settle there. */
  close(place: IntervalPlace): void;
};

/**
 * What the replay of the readings works with.
 *
 * @property positionedIn accounts with a position in the interval, in whatever market: their readings stand apart
 */
export type ReadingsAudit = AuditBase & {
  readonly registry: RegistryReplay;
  readonly readings: ReadingSource | null;
  readonly positionedIn: (place: IntervalPlace) => ReadonlySet<number>;
};

/**
 * Of each interval for good a byte or two; of those that a market may still settle all that it takes.
 *
 * @property versions last published version, by area
 * @property inUse 1 where something is claimed, so that nothing may be published anew, by area
 * @property claimed 1 where a page is claimed, by area, page and purpose
 * @property publications the newest version of what is not settled yet
 * @property claimsNow pages that the transaction under way claimed, with their purpose
 */
type State = ReadingsAudit & {
  readonly separator: Uint8Array;
  readonly versions: IntervalBytes;
  readonly inUse: IntervalBytes;
  readonly claimed: IntervalBytes;
  readonly publications: Map<string, Publication>;
  claimsNow: { transaction: Hex; readonly keys: Set<string> };
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
    inUse: createIntervalBytes(),
    claimed: createIntervalBytes(),
    publications: new Map(),
    claimsNow: { transaction: "0x", keys: new Set() },
    unchecked: 0,
  };
  return {
    async apply(event) {
      if (!isMeteringEvent(event)) return;
      if (event.kind === "readingsPublished") await publish(state, event);
      else claim(state, event);
    },
    openPage: (event, shown, accounts) => openPage(state, { event, shown, accounts }),
    close(place) {
      if (state.positionedIn(place).size === 0) state.publications.delete(keyOf(place));
    },
    notes: () => (state.unchecked > 0 ? [uncheckedNote(state.unchecked)] : []),
    retained: () => [...state.publications.keys()],
  };
}

function uncheckedNote(unchecked: number): string {
  return `the devices' signatures of ${unchecked} readings were not checked: the archive of readings is not available`;
}

async function publish(state: State, event: MeteringEvent<"readingsPublished">): Promise<void> {
  const { areaId, intervalId, version, root } = event;
  requireNextVersion(state, event);
  const { chainId } = state.deployment;
  const meterLedger = addressOf(state.deployment, "meterLedger");
  const context = readingContext({ chainId, meterLedger, areaId, intervalId, version });
  addCount(state.counts, "metering.roots");
  const archived = await checkArchive(state, event, context);
  state.versions.set(`${areaId}`, intervalId, version);
  state.publications.set(keyOf(event), { root, context, archived, areaId, intervalId });
  forgetUncontracted(state);
}

function requireNextVersion({ versions, inUse }: State, event: MeteringEvent<"readingsPublished">): void {
  const { areaId, intervalId, version } = event;
  const last = versions.get(`${areaId}`, intervalId);
  if (version !== last + 1)
    refuseInterval(event, "publicationVersion", `version ${version} of readings follows version ${last}`);
  if (inUse.get(`${areaId}`, intervalId) > 0)
    refuseInterval(event, "publicationInUse", "readings that are claimed already were published anew");
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

/** The segments of the published tree, when the archive has its readings; null when there is no archive. */
async function checkArchive(
  state: State,
  event: MeteringEvent<"readingsPublished">,
  context: Uint8Array,
): Promise<readonly Segment[] | null> {
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
  return tree.segments;
}

/** A page is claimed once for a purpose, and after its readings were published. */
function claim(state: State, event: MeteringEvent<"pageClaimed">): void {
  const { areaId, intervalId, page, claimPurpose, transactionHash } = event;
  const key = `${areaId}/${page}/${claimPurpose}`;
  if (state.claimed.get(key, intervalId) > 0)
    refuseInterval(event, "claim", `readings are claimed twice for purpose ${claimPurpose}`, { page });
  if (state.versions.get(`${areaId}`, intervalId) === 0)
    refuseInterval(event, "claim", "readings are claimed that were not published");
  state.claimed.set(key, intervalId, 1);
  state.inUse.set(`${areaId}`, intervalId, 1);
  if (state.claimsNow.transaction !== transactionHash)
    state.claimsNow = { transaction: transactionHash, keys: new Set() };
  state.claimsNow.keys.add(claimKey(event, page, claimPurpose));
}

function openPage(
  state: State,
  opening: { event: PageEvent; shown: ShownReadings; accounts: ReadonlySet<number> },
): ReadonlyMap<number, MeteredEnergy> {
  const { event } = opening;
  const publication = state.publications.get(keyOf(event)) ?? refuseUnknown(state, event);
  const { transaction, keys } = state.claimsNow;
  if (transaction !== event.transactionHash || !keys.has(claimKey(event, event.page, ENERGY_PURPOSE)))
    refuseInterval(event, "claim", "the settlement did not claim its readings", { page: event.page });
  const metered = verifyOpening({ ...opening, publication });
  addCount(state.counts, "metering.opened", metered.size);
  return metered;
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

function claimKey(place: IntervalPlace, page: number, purpose: number): string {
  return `${keyOf(place)}/${page}/${purpose}`;
}
