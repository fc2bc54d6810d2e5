import type { RegistryReplay } from "#domains/accounts/audit/auditRegistry.ts";
import type { MeteringEvent } from "#domains/metering/events.ts";
import { accountOfReading, ledgerSeparator, readingWord } from "#domains/metering/rules/meterReading.ts";
import {
  buildReadingTree,
  findSegment,
  readingContext,
  readingLeaf,
  type Segment,
} from "#domains/metering/rules/readingTree.ts";
import { intervalKey, refuseInterval } from "#domains/pool/audit/auditArea.ts";
import {
  findOpeningFault,
  hashLeaves,
  meteredOf,
  rootOfShown,
  type ShownReadings,
} from "#domains/pool/check/shownReadings.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { hasBit } from "#kernel/crypto/bitmap.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import type { MeteredEnergy } from "#market/settlement.ts";
import { type ReadingSource, verifyArchive } from "#platform/audit/auditArchive.ts";
import type { AuditCounts } from "#platform/audit/auditCounts.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";

/** Published roots, the claims on them, and the readings behind them where those are at hand (R6.11, R8.29). */
export type ReadingsReplay = {
  /** `positioned` are the accounts with a position in the interval: their readings stand apart from the others. */
  publish(event: MeteringEvent<"readingsPublished">, positioned: ReadonlySet<number>): Promise<void>;
  claim(event: MeteringEvent<"pageClaimed">): void;
  /**
   * Requires that the leaves of a settlement give the published root, that exactly the readings of `accounts` are
   * opened, and that the page was claimed for energy in this transaction. Gives what the meters registered.
   */
  openPage(
    event: PoolEvent<"pageSettled">,
    readings: ShownReadings,
    accounts: ReadonlySet<number>,
  ): ReadonlyMap<number, MeteredEnergy>;
  /** Forgets the readings of an interval that is done. */
  close(areaId: number, intervalId: number): void;
  /** Published readings whose devices' signatures were not at hand. */
  uncheckedReadings(): number;
};

type Publication = {
  readonly version: number;
  readonly root: Hex;
  readonly context: Uint8Array;
  /** The archived readings, when they give the root. */
  readonly archived: readonly Segment[] | null;
  isClaimed: boolean;
};

const ENERGY_PURPOSE = 1;

/** Replays the meter ledger. */
export function replayReadings({
  deployment,
  registry,
  readings,
  counts,
}: {
  deployment: Deployment;
  registry: RegistryReplay;
  readings: ReadingSource | null;
  counts: AuditCounts;
}): ReadingsReplay {
  const separator = ledgerSeparator(deployment.chainId, addressOf(deployment, "meterLedger"));
  const publications = new Map<string, Publication>();
  const claims = new Map<string, Hex>();
  let unchecked = 0;

  const checkArchive = async (
    event: MeteringEvent<"readingsPublished">,
    context: Uint8Array,
    positioned: ReadonlySet<number>,
  ) => {
    const archived = (await readings?.(event.areaId, event.intervalId)) ?? null;
    if (archived === null) {
      unchecked += event.meters;
      return null;
    }
    const current = verifyArchive({ event, archived, separator, registry, counts });
    if (current.length === 0) refuseInterval(event, "readingsRoot", "a root is published over no reading");
    const tree = buildReadingTree(current.map(readingWord), context, positioned);
    if (toHex(tree.root) !== event.root)
      refuseInterval(
        event,
        "readingsRoot",
        `the ${current.length} archived readings do not give the published root`,
      );
    counts.readings += current.length;
    return tree.segments;
  };

  return {
    async publish(event, positioned) {
      const { areaId, intervalId, version, root } = event;
      const key = intervalKey(event);
      const old = publications.get(key);
      if (version !== (old?.version ?? 0) + 1)
        refuseInterval(
          event,
          "publicationVersion",
          `version ${version} of readings follows version ${old?.version ?? 0}`,
        );
      if (old?.isClaimed)
        refuseInterval(event, "publicationInUse", "readings that are claimed already were published anew");
      const { chainId } = deployment;
      const meterLedger = addressOf(deployment, "meterLedger");
      const context = readingContext({ chainId, meterLedger, areaId, intervalId, version });
      counts.roots += 1;
      const archived = await checkArchive(event, context, positioned);
      publications.set(key, { version, root, context, archived, isClaimed: false });
    },
    claim(event) {
      const key = `${intervalKey(event)}/${event.page}/${event.claimPurpose}`;
      if (claims.has(key))
        refuseInterval(event, "claim", `readings are claimed twice for purpose ${event.claimPurpose}`, {
          page: event.page,
        });
      const publication = publications.get(intervalKey(event));
      if (!publication) refuseInterval(event, "claim", "readings are claimed that were not published");
      else publication.isClaimed = true;
      claims.set(key, event.transactionHash);
    },
    openPage(event, submitted, accounts) {
      const publication = publications.get(intervalKey(event));
      if (!publication) return refuseInterval(event, "readingsRoot", "no readings were published");
      const claimed = claims.get(`${intervalKey(event)}/${event.page}/${ENERGY_PURPOSE}`);
      if (claimed !== event.transactionHash)
        refuseInterval(event, "claim", "the settlement did not claim its readings", { page: event.page });
      requireLeaves({ event, submitted, publication, accounts });
      const fault = findOpeningFault({ page: event.page, shown: submitted, accounts });
      if (fault)
        refuseInterval(event, "readingOpened", fault.finding, { page: event.page, account: fault.account });
      const metered = meteredOf(submitted);
      counts.openedReadings += metered.size;
      return metered;
    },
    close(areaId, intervalId) {
      const key = intervalKey({ areaId, intervalId });
      const publication = publications.get(key);
      if (publication) publications.set(key, { ...publication, archived: null });
    },
    uncheckedReadings: () => unchecked,
  };
}

/** The leaves of a settlement, opened and sealed, must be those of the archive, and climb to the published root. */
function requireLeaves({
  event,
  submitted,
  publication: { context, root, archived },
  accounts,
}: {
  event: PoolEvent<"pageSettled">;
  submitted: ShownReadings;
  publication: Publication;
  accounts: ReadonlySet<number>;
}): void {
  const { page } = event;
  const { opened } = submitted;
  const hashes = hashLeaves(submitted, context);
  const words = archived?.[findSegment(archived, { page, accounts })]?.words;
  words?.forEach((word, i) => {
    const account = accountOfReading(word);
    const hash = hashes[i];
    if (hash !== undefined && toHex(hash) === toHex(readingLeaf(context, word))) return;
    const kind = hasBit(opened, i) ? "opened" : "sealed";
    const finding = `the ${kind} reading of account ${account} is not the one that was published`;
    refuseInterval(event, "readingOpened", finding, { page, account });
  });
  if (rootOfShown(page, submitted, context) === root) return;
  const finding = `the readings of page ${page} do not give the published root`;
  refuseInterval(event, "readingsRoot", finding, { page });
}
