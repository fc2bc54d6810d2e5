import { type Address, wordOf } from "#kernel/crypto/hex.ts";
import { levelAbove, topOf } from "#kernel/crypto/merkleTree.ts";
import { keccak256, keccak256Text } from "#kernel/crypto/typedData.ts";
import { assert } from "#kernel/units/assert.ts";
import { accountOfReading } from "./meterReading.ts";

/** Accounts a page, and so leaves a segment at most: what one settlement transaction takes. */
export const PAGE_ACCOUNTS = 768;

/** Readings of one page of accounts, by rising account, each as its word (see readingWord). */
export type Segment = { readonly page: number; readonly words: readonly bigint[] };

/** The tree of an interval's readings (R8.29): the root that is published, and what proves a segment of it. */
export type ReadingTree = {
  readonly root: Uint8Array;
  readonly segments: readonly Segment[];
  readonly segmentHashes: readonly Uint8Array[];
};

const LEAF = keccak256Text("commonwatt.reading.leaf.v1");
const NODE = keccak256Text("commonwatt.reading.node.v1");
const SEGMENT = keccak256Text("commonwatt.reading.segment.v1");
const ROOT = keccak256Text("commonwatt.reading.root.v1");

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

/** Number of the page that an account is on. */
export function pageOf(account: number): number {
  return Math.floor(account / PAGE_ACCOUNTS);
}

export function readingLeaf(context: Uint8Array, word: bigint): Uint8Array {
  return keccak256(context, wordOf(word));
}

/**
 * Builds the tree over reading words. The readings of a page make up to two segments: first those of accounts with a
 * position in the interval, then all others, so that a settlement opens one segment as a whole and carries nothing of the
 * other. Where a level has an odd number of nodes, the last one moves up unchanged; counts are hashed in, so that no two
 * trees share a root.
 *
 * @param positioned accounts with a position in the interval
 */
export function buildReadingTree(
  words: readonly bigint[],
  context: Uint8Array,
  positioned: ReadonlySet<number>,
): ReadingTree {
  assert(words.length > 0, "a tree of readings without a reading");
  const segments = segmentsOf(words, positioned);
  const segmentHashes = segments.map(({ page, words: segmentWords }) =>
    segmentHash(
      page,
      segmentWords.map((word) => readingLeaf(context, word)),
    ),
  );
  return { root: rootOf(segmentHashes), segments, segmentHashes };
}

/** Index of the segment of `page` that holds readings of `accounts`; -1 when there is none. */
export function findSegment(
  segments: readonly Segment[],
  { page, accounts }: { page: number; accounts: ReadonlySet<number> },
): number {
  return segments.findIndex(
    (segment) => segment.page === page && segment.words.some((word) => accounts.has(accountOfReading(word))),
  );
}

/** The hash of a segment from its leaves, opened or sealed alike. */
export function segmentHash(page: number, leaves: readonly Uint8Array[]): Uint8Array {
  const head = wordOf((BigInt(page) << 128n) | BigInt(leaves.length));
  return keccak256(SEGMENT, head, topOf(leaves, NODE));
}

export function rootOf(segmentHashes: readonly Uint8Array[]): Uint8Array {
  return rootOfTop(segmentHashes.length, topOf(segmentHashes, NODE));
}

/** The root from the number of segments and the top of the tree over them, as {@link climb} reaches it. */
export function rootOfTop(segments: number, top: Uint8Array): Uint8Array {
  return keccak256(ROOT, wordOf(segments), top);
}

/** The siblings from node `index` to the top, lowest first. */
export function pathOf(nodes: readonly Uint8Array[], index: number): Uint8Array[] {
  const path: Uint8Array[] = [];
  let level = nodes;
  for (let at = index; level.length > 1; at >>= 1) {
    const sibling = level[at ^ 1];
    if (sibling) path.push(sibling);
    level = levelAbove(level, NODE);
  }
  return path;
}

/** Climbs from a node to the top by its path; null when the path has too few or too many siblings. */
export function climb(
  node: Uint8Array,
  place: { index: number; width: number },
  path: readonly Uint8Array[],
): Uint8Array | null {
  let top = node;
  let { index, width } = place;
  let used = 0;
  for (; width > 1; width = (width + 1) >> 1) {
    const isPromoted = index + 1 === width && width % 2 === 1;
    if (!isPromoted) {
      const sibling = path[used];
      if (!sibling) return null;
      used += 1;
      top = index % 2 === 0 ? keccak256(NODE, top, sibling) : keccak256(NODE, sibling, top);
    }
    index >>= 1;
  }
  return used === path.length ? top : null;
}

function segmentsOf(words: readonly bigint[], positioned: ReadonlySet<number>): Segment[] {
  const byPage = new Map<number, { positioned: bigint[]; others: bigint[] }>();
  for (const word of [...words].sort((a, b) => (a < b ? -1 : 1))) {
    const account = accountOfReading(word);
    const parts = byPage.get(pageOf(account)) ?? { positioned: [], others: [] };
    byPage.set(pageOf(account), parts);
    parts[positioned.has(account) ? "positioned" : "others"].push(word);
  }
  return [...byPage].flatMap(([page, parts]) =>
    [parts.positioned, parts.others].flatMap((part) => (part.length > 0 ? [{ page, words: part }] : [])),
  );
}
