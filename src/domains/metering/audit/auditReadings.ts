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
  /** Forgets the archived readings of an interval, unless a market has still something to settle there. */
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

type State = ReadingsAudit & {
  readonly separator: Uint8Array;
  readonly publications: Map<string, Publication>;
  /** The transaction that claimed a page for a purpose. */
  readonly claims: Map<string, Hex>;
  unchecked: number;
};

/** Replays the meter ledger. */
export function replayReadings(audit: ReadingsAudit): ReadingsReplay {
  const { chainId } = audit.deployment;
  const separator = ledgerSeparator(chainId, addressOf(audit.deployment, "meterLedger"));
  const state: State = { ...audit, separator, publications: new Map(), claims: new Map(), unchecked: 0 };
  return {
    async apply(event) {
      if (!isMeteringEvent(event)) return;
      if (event.kind === "readingsPublished") await publish(state, event);
      else claim(state, event);
    },
    openPage: (event, shown, accounts) => openPage(state, { event, shown, accounts }),
    close(place) {
      const publication = state.publications.get(keyOf(place));
      if (publication && state.positionedIn(place).size === 0) publication.archived = null;
    },
    notes: () => (state.unchecked > 0 ? [uncheckedNote(state.unchecked)] : []),
  };
}

function uncheckedNote(unchecked: number): string {
  return `the devices' signatures of ${unchecked} readings were not checked: the archive of readings is not available`;
}

async function publish(state: State, event: MeteringEvent<"readingsPublished">): Promise<void> {
  const { areaId, intervalId, version, root } = event;
  requireNextVersion(event, state.publications.get(keyOf(event)));
  const { chainId } = state.deployment;
  const meterLedger = addressOf(state.deployment, "meterLedger");
  const context = readingContext({ chainId, meterLedger, areaId, intervalId, version });
  addCount(state.counts, "metering.roots");
  const archived = await checkArchive(state, event, context);
  state.publications.set(keyOf(event), { version, root, context, archived, isClaimed: false });
}

function requireNextVersion(event: MeteringEvent<"readingsPublished">, old: Publication | undefined): void {
  const last = old?.version ?? 0;
  if (event.version !== last + 1)
    refuseInterval(
      event,
      "publicationVersion",
      `version ${event.version} of readings follows version ${last}`,
    );
  if (old?.isClaimed)
    refuseInterval(event, "publicationInUse", "readings that are claimed already were published anew");
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
function claim({ claims, publications }: State, event: MeteringEvent<"pageClaimed">): void {
  const { page, claimPurpose, transactionHash } = event;
  const key = claimKey(event, page, claimPurpose);
  if (claims.has(key))
    refuseInterval(event, "claim", `readings are claimed twice for purpose ${claimPurpose}`, { page });
  const publication =
    publications.get(keyOf(event)) ??
    refuseInterval(event, "claim", "readings are claimed that were not published");
  publication.isClaimed = true;
  claims.set(key, transactionHash);
}

function openPage(
  state: State,
  opening: { event: PageEvent; shown: ShownReadings; accounts: ReadonlySet<number> },
): ReadonlyMap<number, MeteredEnergy> {
  const { event } = opening;
  const publication =
    state.publications.get(keyOf(event)) ??
    refuseInterval(event, "readingsRoot", "no readings were published");
  const claimed = state.claims.get(claimKey(event, event.page, ENERGY_PURPOSE));
  if (claimed !== event.transactionHash)
    refuseInterval(event, "claim", "the settlement did not claim its readings", { page: event.page });
  const metered = verifyOpening({ ...opening, publication });
  addCount(state.counts, "metering.opened", metered.size);
  return metered;
}

function keyOf({ areaId, intervalId }: IntervalPlace): string {
  return `${areaId}/${intervalId}`;
}

function claimKey(place: IntervalPlace, page: number, purpose: number): string {
  return `${keyOf(place)}/${page}/${purpose}`;
}
