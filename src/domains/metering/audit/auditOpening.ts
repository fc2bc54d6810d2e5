import { accountOfReading, type MeteredEnergy } from "#domains/metering/rules/meterReading.ts";
import { findSegment, readingLeaf, type Segment } from "#domains/metering/rules/readingTree.ts";
import {
  findOpeningFault,
  hashLeaves,
  meteredOf,
  rootOfShown,
  type ShownReadings,
} from "#domains/metering/rules/shownReadings.ts";
import { hasBit } from "#kernel/crypto/bitmap.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import type { IntervalPlace } from "#platform/audit/replay.ts";

/** A settlement of a page, of whatever market. */
export type PageEvent = IntervalPlace & {
  readonly page: number;
  readonly block: number;
  readonly transactionHash: Hex;
};

/**
 * Readings as they were published.
 *
 * @property archived the archived readings, when they give the root
 */
export type Publication = IntervalPlace & {
  readonly root: Hex;
  readonly context: Uint8Array;
  readonly archived: readonly Segment[] | null;
};

type Opening = {
  readonly event: PageEvent;
  readonly shown: ShownReadings;
  readonly accounts: ReadonlySet<number>;
  readonly publication: Publication;
};

/** The readings that a settlement showed are those that were published, and the opened ones those of `accounts`. */
export function verifyOpening(opening: Opening): ReadonlyMap<number, MeteredEnergy> {
  const { event, shown, accounts, publication } = opening;
  const { page } = event;
  compareWithArchive(opening);
  if (rootOfShown(page, shown, publication.context) !== publication.root)
    refuseInterval(event, "readingsRoot", `the readings of page ${page} do not give the published root`, {
      page,
    });
  const fault = findOpeningFault({ page, shown, accounts });
  if (fault) refuseInterval(event, "readingOpened", fault.finding, { page, account: fault.account });
  return meteredOf(shown);
}

/** Names the reading that differs, where the archive is available: of more use than the root that does not come out. */
function compareWithArchive({ event, shown, accounts, publication: { context, archived } }: Opening): void {
  const { page } = event;
  const hashes = hashLeaves(shown, context);
  const words = archived?.[findSegment(archived, { page, accounts })]?.words ?? [];
  for (const [i, word] of words.entries()) {
    const hash = hashes[i];
    if (hash !== undefined && toHex(hash) === toHex(readingLeaf(context, word))) continue;
    const account = accountOfReading(word);
    const kind = hasBit(shown.opened, i) ? "opened" : "sealed";
    const finding = `the ${kind} reading of account ${account} is not the one that was published`;
    refuseInterval(event, "readingOpened", finding, { page, account });
  }
}
