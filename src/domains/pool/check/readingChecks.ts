import {
  type CheckFault,
  type CheckStep,
  checkEach,
  failed,
  notPossible,
  passed,
} from "#domains/metering/check/checkOutcome.ts";
import {
  ledgerSeparator,
  openReadingWord,
  readingSigner,
  readingWord,
} from "#domains/metering/rules/meterReading.ts";
import { memberBits, membersOfBits, readingContext } from "#domains/metering/rules/readingTree.ts";
import {
  findOpeningFault,
  isWithheld,
  missingOf,
  openedWords,
  rootOfShown,
} from "#domains/metering/rules/shownReadings.ts";
import { positionsOfPage } from "#domains/pool/rules/pageSettlement.ts";
import type { IntervalEvidence, PageEvidence, ReadingEvidence } from "./intervalEvidence.ts";
import type { ReopenedInterval } from "./reopenedInterval.ts";
import { isGivenBack } from "./returnChecks.ts";

const NO_SIGNATURES = "the device signatures of the opened readings are not available";

/** Why no reading of an interval can be looked at; null when one can. */
export function whyNothingShown(evidence: IntervalEvidence): string | null {
  const { cleared, pages } = evidence;
  if (pages.some(({ shown }) => shown !== null)) return null;
  if (pages.length > 0)
    return "the settlement was not brought to the market directly, so its readings cannot be read";
  if (isGivenBack(evidence)) return "the interval was given back: nothing was settled";
  if (cleared?.clearedWh === 0n) return "nothing was traded, so that there is nothing to settle";
  return "the interval is not settled yet";
}

/** Each opened reading is the one that its metering point's device signed with the key valid then (R6.11). */
export function* checkDeviceSignatures(evidence: IntervalEvidence): CheckStep {
  const nothing = whyNothingShown(evidence);
  if (nothing !== null) return notPossible(nothing);
  const opened = evidence.pages.flatMap(({ page, shown }) => (shown ? openedWords(page, shown) : []));
  const words = new Map(opened.map((word) => [openReadingWord(word).member, word]));
  const separator = ledgerSeparator(evidence.chainId, evidence.meterLedger);
  const outcome = yield* checkEach(evidence.readings, (reading) =>
    findReadingFault({ reading, evidence, separator, word: words.get(reading.member) }),
  );
  if (outcome.status !== "passed") return outcome;
  const signed = new Set(evidence.readings.map(({ member }) => member));
  const unsigned = opened.map(openReadingWord).find(({ member }) => !signed.has(member));
  if (!unsigned) return outcome;
  const missing = `that of member ${unsigned.member} is the first of ${opened.length - signed.size}`;
  return notPossible(`${NO_SIGNATURES}: ${missing}`, signed.size);
}

function findReadingFault({
  reading,
  evidence,
  separator,
  word,
}: {
  reading: ReadingEvidence;
  evidence: IntervalEvidence;
  separator: Uint8Array;
  word: bigint | undefined;
}): CheckFault | null {
  const { member, importWh, exportWh, deviceKey } = reading;
  const name = `the reading of member ${member} (${importWh} Wh import, ${exportWh} Wh export)`;
  const fault = (words: string) => ({ finding: `${name} ${words}`, subject: { member } });
  const isHere = reading.areaId === evidence.areaId && reading.intervalId === evidence.intervalId;
  if (!isHere) return fault("is of another area or interval");
  if (deviceKey === null) return fault("is of a metering point without a valid device key");
  if (readingSigner(reading, separator) !== deviceKey)
    return fault(`is not signed by its device ${deviceKey}`);
  if (word === undefined) return fault("is not among the opened ones");
  return readingWord(reading) === word ? null : fault("is not the one that the settlement opened");
}

/**
 * The opened readings are those of the positions and no others, under the published root, and who is said to have none has none
 * there (R8.29–R8.31).
 */
export function* checkReadingProofs(evidence: IntervalEvidence, { positions }: ReopenedInterval): CheckStep {
  const { pages } = evidence;
  const nothing = whyNothingShown(evidence);
  if (nothing !== null) return notPossible(nothing);
  const shownOf = ({ page, shown }: PageEvidence) => (shown ? openedWords(page, shown).length : 0);
  const count = pages.reduce((sum, page) => sum + shownOf(page), 0);
  for (const page of pages) {
    yield { checked: 0, of: count };
    const members = new Set(positionsOfPage(positions, page.page).map(({ member }) => member));
    const fault = findVersionFault(evidence, page) ?? findPageFault(evidence, page, members);
    if (fault) return failed(count, fault);
  }
  return passed(count);
}

/** Whether a page was settled without the readings that are published: nobody can open them. */
export function isSettledWithheld(evidence: IntervalEvidence, page: PageEvidence): boolean {
  return page.shown !== null && isWithheld(page.shown) && !isProven(evidence, page);
}

function isProven(evidence: IntervalEvidence, { page, shown, version }: PageEvidence): boolean {
  const published = evidence.publications.find((each) => each.version === version);
  if (!published || shown === null) return false;
  const context = readingContext({ ...evidence, version: published.version });
  return rootOfShown(page, shown, context) === published.root;
}

/** A page is settled by the newest version of the readings that was published before. */
function findVersionFault(
  { publications }: IntervalEvidence,
  { page, version, timestamp }: PageEvidence,
): CheckFault | null {
  const published = publications.find((each) => each.version === version);
  const newer = publications.find((each) => each.version > (version ?? 0) && each.timestamp < timestamp);
  if (published && published.timestamp <= timestamp && !newer) return null;
  const finding = `page ${page} was settled by version ${version} of the readings, which was not the newest published`;
  return { finding, subject: { page } };
}

function findPageFault(
  evidence: IntervalEvidence,
  place: PageEvidence,
  members: ReadonlySet<number>,
): CheckFault | null {
  const { page, shown, missing: recorded } = place;
  if (shown === null) return null;
  if (!isProven(evidence, place) && !isWithheld(shown))
    return { finding: `the readings of page ${page} do not give the published root`, subject: { page } };
  const fault = findOpeningFault({ page, shown, members });
  if (fault) return { finding: fault.finding, subject: { page, member: fault.member } };
  const missing = memberBits(missingOf(page, shown, members));
  const [differing] = membersOfBits(page, missing ^ recorded);
  if (differing === undefined) return null;
  const isListed = (missing & memberBits([differing])) === 0n;
  const words = isListed
    ? "is counted as missing, and needs none or has one under the root"
    : "is counted, and has no reading under the root";
  return { finding: `member ${differing} ${words}`, subject: { page, member: differing } };
}
