import { countedOf } from "#domains/metering/rules/countedReading.ts";
import { type MeteredEnergy, memberOfReading } from "#domains/metering/rules/meterReading.ts";
import { memberBits, type ReadingPage } from "#domains/metering/rules/readingTree.ts";
import {
  findOpeningFault,
  isWithheld,
  meteredOf,
  missingOf,
  openedWords,
  rootOfShown,
  type ShownReadings,
} from "#domains/metering/rules/shownReadings.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import type { IntervalPlace } from "#platform/audit/replay.ts";
import type { Claims, PageClaim } from "./auditClaims.ts";

/** A settlement of a page, of whatever market. */
export type PageEvent = IntervalPlace & {
  readonly page: number;
  readonly block: number;
  readonly timestamp: number;
  readonly transactionHash: Hex;
};

/**
 * Readings as they were published.
 *
 * @property archived the pages of the archived readings, when they give the root
 */
export type Publication = IntervalPlace & {
  readonly root: Hex;
  readonly context: Uint8Array;
  readonly archived: readonly ReadingPage[] | null;
};

/**
 * A page whose readings a settlement opened.
 *
 * @property metered what counts of each member's reading, Wh: nothing where it has none or another market has its energy, and of
 * the exported energy what single claims left
 * @property missing members without a reading, rising
 * @property taken members of whom another market has all, bit n % 256 for member n
 * @property isWithheld nothing was shown, and something is published
 */
export type OpenedPage = {
  readonly metered: ReadonlyMap<number, MeteredEnergy>;
  readonly missing: readonly number[];
  readonly taken: bigint;
  readonly isWithheld: boolean;
};

type Opening = {
  readonly event: PageEvent;
  readonly shown: ShownReadings;
  readonly members: ReadonlySet<number>;
  readonly publication: Publication;
  readonly claim: PageClaim;
  readonly claims: Claims;
  readonly isWaitingOver: boolean;
};

const NOTHING: MeteredEnergy = { importWh: 0n, exportWh: 0n };

/**
 * The readings that a settlement showed are those that were published; the opened ones are those of `members`, whom it claimed.
 * Of a page that is settled as withheld nothing is shown, and everybody's reading is missing: whether the time for that has
 * come is the market's rule.
 */
export function verifyOpening(opening: Opening): OpenedPage {
  const { event, shown, members, publication, claim, isWaitingOver } = opening;
  const { page } = event;
  if (claim.members !== memberBits(members))
    refuseInterval(event, "claim", "the settlement claimed others than those with a position", { page });
  const isProven = rootOfShown(page, shown, publication.context) === publication.root;
  if (isProven || !isWithheld(shown)) {
    compareWithArchive(opening);
    if (!isProven)
      refuseInterval(event, "readingsRoot", `the readings of page ${page} do not give the published root`, {
        page,
      });
    const fault = findOpeningFault({ page, shown, members });
    if (fault) refuseInterval(event, "readingOpened", fault.finding, { page, member: fault.member });
  }
  const missing = missingOf(page, shown, members).sort((a, b) => a - b);
  const [first] = missing;
  if (first !== undefined && !isWaitingOver)
    refuseInterval(
      event,
      "readingMissing",
      `the reading of member ${first} is not there, and is still waited for`,
      { page, member: first },
    );
  return { metered: countedByMember(opening), missing, taken: claim.taken, isWithheld: !isProven };
}

/** What counts here of what the meters registered: what others claimed before counts there. */
function countedByMember({
  event,
  shown,
  members,
  claim,
  claims,
}: Opening): ReadonlyMap<number, MeteredEnergy> {
  const metered = meteredOf(event.page, shown);
  const exportWh = new Map([...members].map((member) => [member, claims.claimedWh({ ...event, member })]));
  const claimed = { taken: claim.taken, exportWh };
  return new Map(
    [...members].map((member) => [member, countedOf(metered.get(member) ?? NOTHING, member, claimed)]),
  );
}

/** Names the reading that differs, where the archive is available: of more use than the root that does not come out. */
function compareWithArchive({ event, shown, publication: { archived } }: Opening): void {
  const { page } = event;
  const lists = archived?.find((each) => each.page === page)?.lists;
  if (!lists) return;
  const published = new Map(
    lists.flatMap(({ words }) => words).map((word) => [memberOfReading(word), word] as const),
  );
  for (const word of openedWords(page, shown)) {
    const member = memberOfReading(word);
    if (published.get(member) === word) continue;
    const finding = `the opened reading of member ${member} is not the one that was published`;
    refuseInterval(event, "readingOpened", finding, { page, member });
  }
}
