import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addresses, equalBytes, flipBit } from "#domains/pool/check/evidence.fixture.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { accountOfReading } from "./meterReading.ts";
import {
  buildReadingTree,
  climb,
  findSegment,
  PAGE_ACCOUNTS,
  pageOf,
  pathOf,
  readingContext,
  readingLeaf,
  rootOf,
  rootOfTop,
  segmentHash,
} from "./readingTree.ts";

const CONTEXT = new Uint8Array(32).fill(9);

/** Words of distinct accounts over a few pages, in any order, some of them with a position. */
const intervals = fc
  .uniqueArray(
    fc.record({
      account: fc.nat(PAGE_ACCOUNTS * 5),
      rest: fc.bigInt({ min: 0n, max: 2n ** 224n - 1n }),
      isPositioned: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40, selector: ({ account }) => account },
  )
  .map((list) => ({
    words: list.map(({ account, rest }) => (BigInt(account) << 224n) | rest),
    positioned: new Set(list.filter(({ isPositioned }) => isPositioned).map(({ account }) => account)),
  }));

/** Nodes of any width, odd ones among them. */
const nodes = fc
  .integer({ min: 1, max: 33 })
  .map((width) => Array.from({ length: width }, (_, i) => readingLeaf(CONTEXT, BigInt(i))));

describe("a path", () => {
  it("leads each of any number of nodes to one top", () => {
    fc.assert(
      fc.property(nodes, (list) => {
        const tops = list.map((node, index) =>
          climb(node, { index, width: list.length }, pathOf(list, index)),
        );
        expect(new Set(tops.map((top) => toHex(top!))).size).toBe(1);
        expect(toHex(rootOf(list))).toBe(toHex(rootOfTop(list.length, tops[0]!)));
      }),
    );
  });

  it("leads nowhere with a sibling too few or too many", () => {
    fc.assert(
      fc.property(nodes, fc.nat(32), (list, at) => {
        const index = at % list.length;
        const path = pathOf(list, index);
        const place = { index, width: list.length };
        expect(climb(list[index]!, place, [...path, CONTEXT])).toBeNull();
        if (path.length > 0) expect(climb(list[index]!, place, path.slice(0, -1))).toBeNull();
      }),
    );
  });

  it("proves no other node, no other place and no other sibling", () => {
    fc.assert(
      fc.property(nodes, fc.nat(32), fc.nat(255), (list, at, bit) => {
        fc.pre(list.length > 1);
        const index = at % list.length;
        const place = { index, width: list.length };
        const path = pathOf(list, index);
        const top = climb(list[index]!, place, path)!;
        const isTop = (other: Uint8Array | null) => other !== null && equalBytes(other, top);
        expect(isTop(climb(flipBit(list[index]!, bit), place, path))).toBe(false);
        const bent = path.map((sibling, i) => (i === bit % path.length ? flipBit(sibling, bit) : sibling));
        expect(isTop(climb(list[index]!, place, bent))).toBe(false);
        for (let other = 0; other < list.length; other += 1)
          expect(isTop(climb(list[index]!, { ...place, index: other }, path))).toBe(other === index);
      }),
    );
  });
});

describe("the tree of readings", () => {
  it("holds each reading once, whatever the order they came in", () => {
    fc.assert(
      fc.property(intervals, fc.infiniteStream(fc.nat()), ({ words, positioned }, random) => {
        const tree = buildReadingTree(words, CONTEXT, positioned);
        const held = tree.segments.flatMap((segment) => segment.words);
        expect([...held].sort()).toEqual([...words].sort());
        const shuffled = words
          .map((word) => ({ word, key: random.next().value! }))
          .sort((a, b) => a.key - b.key)
          .map(({ word }) => word);
        expect(toHex(buildReadingTree(shuffled, CONTEXT, positioned).root)).toBe(toHex(tree.root));
      }),
    );
  });

  it("has for each page those with a position, then the others, each by rising account", () => {
    fc.assert(
      fc.property(intervals, ({ words, positioned }) => {
        const { segments } = buildReadingTree(words, CONTEXT, positioned);
        const places = segments.map(({ page, words: own }) => {
          const accounts = own.map(accountOfReading);
          expect(accounts).toEqual([...accounts].sort((a, b) => a - b));
          expect(new Set(accounts.map(pageOf))).toEqual(new Set([page]));
          const isPositioned = accounts.map((account) => positioned.has(account));
          expect(new Set(isPositioned).size).toBe(1);
          return 2 * page + (isPositioned[0] ? 0 : 1);
        });
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      }),
    );
  });

  it("finds the segment of some accounts of a page, and none where they have no reading", () => {
    fc.assert(
      fc.property(intervals, ({ words, positioned }) => {
        const { segments } = buildReadingTree(words, CONTEXT, positioned);
        segments.forEach(({ page, words: own }, index) => {
          const accounts = new Set(own.map(accountOfReading));
          expect(findSegment(segments, { page, accounts })).toBe(index);
          expect(findSegment(segments, { page: page + 1, accounts })).toBe(-1);
          expect(findSegment(segments, { page, accounts: new Set([PAGE_ACCOUNTS * 6]) })).toBe(-1);
        });
      }),
    );
  });

  it("proves each reading and each segment up to its root", () => {
    fc.assert(
      fc.property(intervals, ({ words, positioned }) => {
        const { root, segments, segmentHashes } = buildReadingTree(words, CONTEXT, positioned);
        segments.forEach(({ page, words: ofPage }, segmentIndex) => {
          const leaves = ofPage.map((word) => readingLeaf(CONTEXT, word));
          const segment = segmentHash(page, leaves);
          const place = { index: segmentIndex, width: segments.length };
          const top = climb(segment, place, pathOf(segmentHashes, segmentIndex));
          expect(toHex(rootOfTop(segments.length, top!))).toBe(toHex(root));
          leaves.forEach((leaf, index) => {
            const leafTop = climb(leaf, { index, width: leaves.length }, pathOf(leaves, index));
            expect(leafTop).not.toBeNull();
            expect(toHex(segmentHash(page, leaves))).toBe(toHex(segment));
          });
        });
      }),
    );
  });

  it("has another root when a reading is altered, left out, added, or bound to another publication", () => {
    fc.assert(
      fc.property(intervals, fc.nat(39), fc.nat(223), ({ words, positioned }, at, bit) => {
        const rootOfWords = (list: readonly bigint[], context: Uint8Array = CONTEXT) =>
          toHex(buildReadingTree(list, context, positioned).root);
        const index = at % words.length;
        const root = rootOfWords(words);
        expect(rootOfWords(words.with(index, words[index]! ^ (1n << BigInt(bit))))).not.toBe(root);
        expect(rootOfWords([...words, BigInt(PAGE_ACCOUNTS * 6) << 224n])).not.toBe(root);
        if (words.length > 1) expect(rootOfWords(words.toSpliced(index, 1))).not.toBe(root);
        expect(rootOfWords(words, flipBit(CONTEXT, bit))).not.toBe(root);
      }),
    );
  });

  it("is never without a reading", () => {
    expect(() => buildReadingTree([], CONTEXT, new Set())).toThrow(/without a reading/);
  });
});

describe("domains", () => {
  it("a publication's tag differs for each chain, ledger, area, interval and version", () => {
    const fields = fc.record({
      chainId: fc.nat(),
      meterLedger: addresses,
      areaId: fc.nat(65_534),
      intervalId: fc.nat(),
      version: fc.integer({ min: 1, max: 254 }),
    });
    fc.assert(
      fc.property(fields, addresses, (place, other) => {
        fc.pre(other !== place.meterLedger);
        const tags = [
          place,
          { ...place, chainId: place.chainId + 1 },
          { ...place, meterLedger: other },
          { ...place, areaId: place.areaId + 1 },
          { ...place, intervalId: place.intervalId + 1 },
          { ...place, version: place.version + 1 },
        ].map((at) => toHex(readingContext(at)));
        expect(new Set(tags).size).toBe(tags.length);
      }),
    );
  });

  it("a node can't pass for a leaf, nor a segment for a root, nor one page for another", () => {
    const leaf = readingLeaf(CONTEXT, 5n);
    const pair = [leaf, readingLeaf(CONTEXT, 6n)];
    const top = climb(leaf, { index: 0, width: 2 }, pathOf(pair, 0))!;
    expect(toHex(rootOf([top]))).not.toBe(toHex(rootOf(pair)));
    expect(toHex(segmentHash(0, [top]))).not.toBe(toHex(segmentHash(0, pair)));
    expect(toHex(segmentHash(0, pair))).not.toBe(toHex(segmentHash(1, pair)));
    expect(toHex(segmentHash(0, pair))).not.toBe(toHex(rootOf(pair)));
  });
});
