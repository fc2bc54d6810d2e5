import {
  ledgerSeparator,
  openReadingWord,
  readingSigner,
  readingWord,
} from "#domains/metering/rules/meterReading.ts";
import { readingContext } from "#domains/metering/rules/readingTree.ts";
import { findOpeningFault, openedWords, rootOfShown } from "#domains/metering/rules/shownReadings.ts";
import { positionsOfPage } from "#domains/pool/rules/pageSettlement.ts";
import { type CheckFault, type CheckStep, checkEach, failed, notPossible, passed } from "./checkOutcome.ts";
import type { IntervalEvidence, ReadingEvidence } from "./intervalEvidence.ts";
import type { ReopenedInterval } from "./reopenedInterval.ts";
import { isGivenBack } from "./returnChecks.ts";

const NO_SIGNATURES = "the device signatures of the opened readings are not available";

/** Why no reading of an interval was opened; null when one was. */
export function whyNothingOpened(evidence: IntervalEvidence): string | null {
  const { cleared, pages } = evidence;
  if (pages.some(({ shown }) => shown !== null)) return null;
  if (pages.length > 0) return "the pages were settled as contracted: no readings came for them";
  if (isGivenBack(evidence)) return "the interval was given back: nothing was settled";
  if (cleared?.clearedWh === 0n) return "nothing was traded, so that there is nothing to settle";
  return "the interval is not settled yet";
}

/** Each opened reading is the one that its metering point's device signed with the key valid then (R6.11). */
export function* checkDeviceSignatures(evidence: IntervalEvidence): CheckStep {
  const nothing = whyNothingOpened(evidence);
  if (nothing !== null) return notPossible(nothing);
  const opened = evidence.pages.flatMap(({ shown }) => (shown ? openedWords(shown) : []));
  const words = new Map(opened.map((word) => [openReadingWord(word).account, word]));
  const separator = ledgerSeparator(evidence.chainId, evidence.meterLedger);
  const outcome = yield* checkEach(evidence.readings, (reading) =>
    findReadingFault({ reading, evidence, separator, word: words.get(reading.account) }),
  );
  if (outcome.status !== "passed") return outcome;
  const signed = new Set(evidence.readings.map(({ account }) => account));
  const unsigned = opened.map(openReadingWord).find(({ account }) => !signed.has(account));
  if (!unsigned) return outcome;
  const missing = `that of account ${unsigned.account} is the first of ${opened.length - signed.size}`;
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
  const { account, importWh, exportWh, deviceKey } = reading;
  const name = `the reading of account ${account} (${importWh} Wh import, ${exportWh} Wh export)`;
  const fault = (words: string) => ({ finding: `${name} ${words}`, subject: { account } });
  const isHere = reading.areaId === evidence.areaId && reading.intervalId === evidence.intervalId;
  if (!isHere) return fault("is of another area or interval");
  if (deviceKey === null) return fault("is of a metering point without a valid device key");
  if (readingSigner(reading, separator) !== deviceKey)
    return fault(`is not signed by its device ${deviceKey}`);
  if (word === undefined) return fault("is not among the opened ones");
  return readingWord(reading) === word ? null : fault("is not the one that the settlement opened");
}

/** The opened readings are those of the positions and no others, and under the published root (R8.29–R8.31). */
export function* checkReadingProofs(evidence: IntervalEvidence, { positions }: ReopenedInterval): CheckStep {
  const { publication, pages } = evidence;
  const nothing = whyNothingOpened(evidence);
  if (nothing !== null) return notPossible(nothing);
  if (publication === null)
    return failed(0, { finding: "readings were opened, and none were published", subject: {} });
  const context = readingContext({ ...evidence, version: publication.version });
  const count = pages.reduce((sum, { shown }) => sum + (shown ? openedWords(shown).length : 0), 0);
  for (const { page, shown } of pages) {
    yield { checked: 0, of: count };
    if (shown === null) continue;
    if (rootOfShown(page, shown, context) !== publication.root) {
      const finding = `the readings of page ${page} do not give the published root ${publication.root}`;
      return failed(count, { finding, subject: { page } });
    }
    const accounts = new Set(
      positionsOfPage(positions, page)
        .flat()
        .map(({ account }) => account),
    );
    const fault = findOpeningFault({ page, shown, accounts });
    if (fault) return failed(count, { finding: fault.finding, subject: { page, account: fault.account } });
  }
  return passed(count);
}
