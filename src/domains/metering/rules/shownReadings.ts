import { concatBytes } from "@noble/hashes/utils.js";
import { fromHex, type Hex, numberOf, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { type MeteredEnergy, memberOfReading, openReadingWord } from "./meterReading.ts";
import {
  hashPage,
  type ListTop,
  memberBits,
  membersOfBits,
  otherPages,
  placePages,
  type ReadingList,
  type ReadingTree,
  readingLeaf,
  rootOfPages,
  topOfList,
} from "./readingTree.ts";

/**
 * The readings of a page as a settlement shows them.
 *
 * @property lists members in each of the page's two lists, bit n % 256 for member n
 * @property opened of which of them the reading is given
 * @property leaves first list, then second, by rising member: 25 bytes of a reading (a readingWord without its member), or the
 * 32 bytes of its hash; of a list of which none is opened, the 32 bytes of its top
 * @property pages hashes of the other pages, in order, without the zeros at the end
 */
export type ShownReadings = {
  readonly lists: readonly [bigint, bigint];
  readonly opened: readonly [bigint, bigint];
  readonly leaves: Hex;
  readonly pages: readonly Hex[];
};

/** A reading that should not be opened, or should be and is not. */
export type OpeningFault = { readonly member: number; readonly finding: string };

const READING_BYTES = 25;
const HASH_BYTES = 32;
const EMPTY_LIST: ReadingList = { members: 0n, words: [] };

/** What proves the readings of `members` on a page; the others stay sealed (R1.3). */
export function showReadings(
  tree: ReadingTree,
  { page, members, context }: { page: number; members: ReadonlySet<number>; context: Uint8Array },
): ShownReadings {
  const [first, second] = tree.pages.find((each) => each.page === page)?.lists ?? [EMPTY_LIST, EMPTY_LIST];
  const [shownFirst, shownSecond] = [showList(first, members, context), showList(second, members, context)];
  return {
    lists: [first.members, second.members],
    opened: [shownFirst.opened, shownSecond.opened],
    leaves: toHex(concatBytes(...shownFirst.leaves, ...shownSecond.leaves)),
    pages: otherPages(tree, page).map(toHex),
  };
}

/** Whether a page is settled without its readings: what the gateway published, nobody can open. */
export function isWithheld({ leaves, pages }: ShownReadings): boolean {
  return leaves === "0x" && pages.length === 0;
}

/** The words of the opened readings by rising member of each list; none where the bytes are malformed. */
export function openedWords(page: number, shown: ShownReadings): readonly bigint[] {
  return readLists(page, shown, NO_CONTEXT)?.words ?? [];
}

/** The root that the readings of a page prove (R8.29); null when they can prove none. */
export function rootOfShown(page: number, shown: ShownReadings, context: Uint8Array): Hex | null {
  const lists = readLists(page, shown, context);
  const others = placePages(page, shown.pages.map(fromHex));
  if (lists === null || others === null) return null;
  const [first, second] = lists.tops;
  const isEmpty = (first.members | second.members) === 0n;
  return toHex(rootOfPages(isEmpty ? others : others.set(page, hashPage(page, first, second))));
}

/** What the meters registered by member, Wh, as opened. */
export function meteredOf(page: number, shown: ShownReadings): ReadonlyMap<number, MeteredEnergy> {
  return new Map(
    openedWords(page, shown).map((word) => {
      const { member, importWh, exportWh } = openReadingWord(word);
      return [member, { importWh: BigInt(importWh), exportWh: BigInt(exportWh) }];
    }),
  );
}

/** The members of `members` that have no reading under the root: they count as zero once nothing is waited for any more. */
export function missingOf(page: number, { lists }: ShownReadings, members: Iterable<number>): number[] {
  const listed = new Set(membersOfBits(page, lists[0] | lists[1]));
  return [...members].filter((member) => !listed.has(member));
}

/** A reading is opened for each position that has one, and for no other member (R1.3); null when it is so. */
export function findOpeningFault({
  page,
  shown,
  members,
}: {
  page: number;
  shown: ShownReadings;
  members: ReadonlySet<number>;
}): OpeningFault | null {
  const opened = new Set(openedWords(page, shown).map(memberOfReading));
  const needless = [...opened].find((member) => !members.has(member));
  if (needless !== undefined)
    return {
      member: needless,
      finding: `the reading of member ${needless} is opened, which has no position here`,
    };
  const missing = new Set(missingOf(page, shown, members));
  const sealed = [...members].find((member) => !opened.has(member) && !missing.has(member));
  if (sealed === undefined || isWithheld(shown)) return null;
  return {
    member: sealed,
    finding: `the reading of member ${sealed}, which has a position, is not opened`,
  };
}

/** The members opened of a list, and its bytes. */
function showList({ members, words }: ReadingList, needed: ReadonlySet<number>, context: Uint8Array) {
  const isShown = (word: bigint) => needed.has(memberOfReading(word));
  const opened = memberBits(words.filter(isShown).map(memberOfReading));
  const leaves = words.map((word) => readingLeaf(context, word));
  if (members !== 0n && opened === 0n) return { opened, leaves: [topOfList(leaves)] };
  const shown = words.map((word, i) => (isShown(word) ? tailOf(word) : (leaves[i] as Uint8Array)));
  return { opened, leaves: shown };
}

const NO_CONTEXT = new Uint8Array();

/** Both lists of a page as shown; null when the bytes are not those of such lists. */
function readLists(
  page: number,
  { lists, opened, leaves }: ShownReadings,
  context: Uint8Array,
): { readonly tops: readonly [ListTop, ListTop]; readonly words: readonly bigint[] } | null {
  if ((lists[0] & lists[1]) !== 0n) return null;
  const bytes = fromHex(leaves);
  const [first, second] = lists;
  const ofFirst = readList({ page, members: first, opened: opened[0], bytes }, context);
  if (ofFirst === null) return null;
  const rest = bytes.subarray(ofFirst.end);
  const ofSecond = readList({ page, members: second, opened: opened[1], bytes: rest }, context);
  if (ofSecond === null || ofSecond.end !== rest.length) return null;
  return { tops: [ofFirst, ofSecond], words: [...ofFirst.words, ...ofSecond.words] };
}

type ShownList = { page: number; members: bigint; opened: bigint; bytes: Uint8Array };

function readList({ page, members, opened, bytes }: ShownList, context: Uint8Array) {
  if ((opened & ~members) !== 0n) return null;
  if (members === 0n) return { members, top: topOfList([]), words: [], end: 0 };
  if (opened === 0n && bytes.length < HASH_BYTES) return null;
  if (opened === 0n) return { members, top: bytes.subarray(0, HASH_BYTES), words: [], end: HASH_BYTES };
  const isOpened = new Set(membersOfBits(page, opened));
  const [hashes, words]: [Uint8Array[], bigint[]] = [[], []];
  let end = 0;
  for (const member of membersOfBits(page, members)) {
    const size = isOpened.has(member) ? READING_BYTES : HASH_BYTES;
    const leaf = bytes.subarray(end, end + size);
    if (leaf.length < size) return null;
    end += size;
    const word = (BigInt(member) << 240n) | numberOf(leaf);
    if (size === READING_BYTES) words.push(word);
    hashes.push(size === READING_BYTES ? readingLeaf(context, word) : leaf);
  }
  return { members, top: topOfList(hashes), words, end };
}

/** A reading's word without its member: its place says whose it is. */
function tailOf(word: bigint): Uint8Array {
  return wordOf(BigInt.asUintN(8 * READING_BYTES, word), READING_BYTES);
}
