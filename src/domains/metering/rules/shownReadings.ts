import { hasBit } from "#kernel/crypto/bitmap.ts";
import { fromHex, type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { type MeteredEnergy, openReadingWord } from "./meterReading.ts";
import { climb, PAGE_ACCOUNTS, pageOf, readingLeaf, rootOfTop, segmentHash } from "./readingTree.ts";

/**
 * The readings that a settlement showed.
 *
 * @property opened bit i % 256 of word ⌊i / 256⌋ says whether leaf i is a reading word or the hash of one
 */
export type ShownReadings = {
  readonly opened: readonly bigint[];
  readonly leaves: readonly bigint[];
  readonly segmentIndex: number;
  readonly segments: number;
  readonly path: readonly Hex[];
};

/** A reading that should not be opened, or should be and is not. */
export type OpeningFault = { readonly account: number; readonly finding: string };

/** The words of the opened readings, in their order. */
export function openedWords({ opened, leaves }: ShownReadings): bigint[] {
  return leaves.filter((_, i) => hasBit(opened, i));
}

/** The hashes of all leaves, opened or sealed; `context` as of readingContext. */
export function hashLeaves({ opened, leaves }: ShownReadings, context: Uint8Array): Uint8Array[] {
  return leaves.map((leaf, i) => (hasBit(opened, i) ? readingLeaf(context, leaf) : wordOf(leaf)));
}

/** The root that the readings of a page prove (R8.29); null when their number or their path can prove none. */
export function rootOfShown(page: number, shown: ShownReadings, context: Uint8Array): Hex | null {
  const { leaves, segmentIndex, segments, path } = shown;
  const isSized = leaves.length > 0 && leaves.length <= PAGE_ACCOUNTS && segmentIndex < segments;
  if (!isSized) return null;
  const segment = segmentHash(page, hashLeaves(shown, context));
  const top = climb(segment, { index: segmentIndex, width: segments }, path.map(fromHex));
  return top && toHex(rootOfTop(segments, top));
}

/** What the meters registered by account, Wh, as opened. */
export function meteredOf(shown: ShownReadings): ReadonlyMap<number, MeteredEnergy> {
  return new Map(
    openedWords(shown).map((word) => {
      const { account, importWh, exportWh } = openReadingWord(word);
      return [account, { importWh: BigInt(importWh), exportWh: BigInt(exportWh) }];
    }),
  );
}

/** Readings are opened by rising account, of this page, one for each position and no other (R1.3); null when they are. */
export function findOpeningFault({
  page,
  shown,
  accounts,
}: {
  page: number;
  shown: ShownReadings;
  accounts: ReadonlySet<number>;
}): OpeningFault | null {
  const found = new Set<number>();
  let last = -1;
  for (const { account } of openedWords(shown).map(openReadingWord)) {
    if (account <= last || pageOf(account) !== page || !accounts.has(account))
      return {
        account,
        finding: `the reading of account ${account} is opened, which has no position here`,
      };
    last = account;
    found.add(account);
  }
  const absent = [...accounts].find((account) => !found.has(account));
  if (absent === undefined) return null;
  return {
    account: absent,
    finding: `the reading of account ${absent}, which has a position, is not opened`,
  };
}
