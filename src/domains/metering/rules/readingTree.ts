import { type Address, wordOf } from "#kernel/crypto/hex.ts";
import { keccak256, keccak256Text } from "#kernel/crypto/typedData.ts";
import { assert } from "#kernel/units/assert.ts";
import { memberOfReading } from "./meterReading.ts";

/** Members of a page: member n is on page ⌊n / 256⌋. */
export const PAGE_MEMBERS = 256;

/** Pages of an area at most. */
const MAX_PAGES = 16;

/** Leaves under a node, and nodes under a top. */
export const WIDTH = 16;

/** Readings of a page in one of its two lists, by rising member, each as its word (see readingWord). */
export type ReadingList = {
  /** Bit n % 256 says whether member n is in the list. */
  readonly members: bigint;
  readonly words: readonly bigint[];
};

/** The readings of a page: first those that markets need, then all others. */
export type ReadingPage = {
  readonly page: number;
  readonly lists: readonly [ReadingList, ReadingList];
  readonly hash: Uint8Array;
};

/** The tree of an interval's readings (R8.29): the root that is published, and its pages that have readings, in order. */
export type ReadingTree = { readonly root: Uint8Array; readonly pages: readonly ReadingPage[] };

const LEAF = keccak256Text("commonwatt.reading.leaf.v2");
const NODE = keccak256Text("commonwatt.reading.node.v2");
const TOP = keccak256Text("commonwatt.reading.top.v2");
const PAGE = keccak256Text("commonwatt.reading.page.v2");
const ROOT = keccak256Text("commonwatt.reading.root.v2");
const NOTHING = wordOf(0);

/** The tag of all leaves of one published version: a leaf is valid for no other interval, ledger or chain. */
export function readingContext(place: {
  chainId: number;
  meterLedger: Address;
  areaId: number;
  intervalId: number;
  version: number;
}): Uint8Array {
  return keccak256(
    LEAF,
    wordOf(place.chainId),
    wordOf(BigInt(place.meterLedger)),
    wordOf(place.areaId),
    wordOf(place.intervalId),
    wordOf(place.version),
  );
}

/** Number of the page that a member is on. */
export function pageOf(member: number): number {
  return Math.floor(member / PAGE_MEMBERS);
}

/** The set of members as a page's list has it, a bit each; all of one page. */
export function memberBits(members: Iterable<number>): bigint {
  let bits = 0n;
  for (const member of members) bits |= 1n << BigInt(member % PAGE_MEMBERS);
  return bits;
}

/** The members of a set on a page, rising. */
export function membersOfBits(page: number, bits: bigint): number[] {
  const members: number[] = [];
  for (let i = 0, rest = bits; rest !== 0n; i += 1, rest >>= 1n)
    if (rest & 1n) members.push(page * PAGE_MEMBERS + i);
  return members;
}

export function readingLeaf(context: Uint8Array, word: bigint): Uint8Array {
  return keccak256(context, wordOf(word));
}

/**
 * Builds the tree over reading words. A page commits to the members of each of its lists, so that a member has one place, or
 * provably none; a settlement opens the first list and carries one hash of the second.
 *
 * @param needed members whose readings a market needs: they stand in the first list
 */
export function buildReadingTree(
  words: readonly bigint[],
  context: Uint8Array,
  needed: ReadonlySet<number>,
): ReadingTree {
  assert(words.length > 0, "a tree of readings without a reading");
  const sorted = [...words].sort((a, b) => (a < b ? -1 : 1));
  const numbers = [...new Set(sorted.map((word) => pageOf(memberOfReading(word))))];
  const pages = numbers.map((page) => {
    const ofPage = sorted.filter((word) => pageOf(memberOfReading(word)) === page);
    const isNeeded = (word: bigint) => needed.has(memberOfReading(word));
    const lists = [
      listOf(ofPage.filter(isNeeded)),
      listOf(ofPage.filter((word) => !isNeeded(word))),
    ] as const;
    const [first, second] = lists.map((list) => ({
      members: list.members,
      top: topOfList(list.words.map((word) => readingLeaf(context, word))),
    })) as [ListTop, ListTop];
    return { page, lists, hash: hashPage(page, first, second) };
  });
  return { root: rootOfPages(new Map(pages.map(({ page, hash }) => [page, hash]))), pages };
}

/** A list by its members and the top of its leaves; zero for an empty one. */
export type ListTop = { readonly members: bigint; readonly top: Uint8Array };

/** The top of a list from its leaves in member order, opened or sealed alike; zero when there is none. */
export function topOfList(leaves: readonly Uint8Array[]): Uint8Array {
  return leaves.length === 0 ? NOTHING : topOfNodes(nodesOfList(leaves));
}

/** The nodes under that top, in order. */
export function nodesOfList(leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  const nodes: Uint8Array[] = [];
  for (let at = 0; at < leaves.length; at += WIDTH) nodes.push(nodeOfLeaves(leaves.slice(at, at + WIDTH)));
  return nodes;
}

/** The node above at most sixteen leaves. */
export function nodeOfLeaves(leaves: readonly Uint8Array[]): Uint8Array {
  return join(NODE, leaves);
}

/** The top above at most sixteen nodes. */
export function topOfNodes(nodes: readonly Uint8Array[]): Uint8Array {
  return join(TOP, nodes);
}

export function hashPage(page: number, first: ListTop, second: ListTop): Uint8Array {
  return keccak256(PAGE, wordOf(page), wordOf(first.members), first.top, wordOf(second.members), second.top);
}

/** The root above the pages that have readings, by their number. Its low 16 bits are the ledger's: zero. */
export function rootOfPages(hashes: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const pages = Array.from({ length: MAX_PAGES }, (_, page) => hashes.get(page) ?? NOTHING);
  const root = join(ROOT, pages).slice();
  root.fill(0, root.length - 2);
  return root;
}

/** The hashes of all other pages, in order, without the zeros at the end. */
export function otherPages(tree: ReadingTree, page: number): Uint8Array[] {
  const hashes = new Map(tree.pages.map((each) => [each.page, each.hash]));
  const others = Array.from({ length: MAX_PAGES }, (_, number) => number)
    .filter((number) => number !== page)
    .map((number) => hashes.get(number) ?? NOTHING);
  return others.slice(0, others.findLastIndex((hash) => hash !== NOTHING) + 1);
}

/** The other pages of a proof by their number; null when there are more than an area has. */
export function placePages(page: number, others: readonly Uint8Array[]): Map<number, Uint8Array> | null {
  if (page >= MAX_PAGES || others.length >= MAX_PAGES) return null;
  return new Map(others.map((hash, i) => [i < page ? i : i + 1, hash]));
}

function listOf(words: readonly bigint[]): ReadingList {
  return { members: memberBits(words.map(memberOfReading)), words };
}

/** The hash of sixteen children under a tag; missing ones are zero. */
function join(tag: Uint8Array, children: readonly Uint8Array[]): Uint8Array {
  const padding = Array.from({ length: WIDTH - children.length }, () => NOTHING);
  return keccak256(tag, ...children, ...padding);
}
