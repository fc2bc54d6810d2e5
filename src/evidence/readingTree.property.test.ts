import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addresses, equalBytes, flipBit } from "./evidence.fixture.ts";
import { toHex } from "./hex.ts";
import {
  buildReadingTree,
  climb,
  PAGE_ACCOUNTS,
  pathOf,
  readingContext,
  readingLeaf,
  rootOf,
  rootOfTop,
  segmentHash,
} from "./readingTree.ts";

const CONTEXT = new Uint8Array(32).fill(9);

/** Words of distinct accounts over a few pages, in any order. */
const words = fc
  .uniqueArray(fc.tuple(fc.nat(PAGE_ACCOUNTS * 5), fc.bigInt({ min: 0n, max: 2n ** 224n - 1n })), {
    minLength: 1,
    maxLength: 40,
    selector: ([account]) => account,
  })
  .map((list) => list.map(([account, rest]) => (BigInt(account) << 224n) | rest));

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
  it("holds each reading once, in pages of rising accounts, whatever the order they came in", () => {
    fc.assert(
      fc.property(words, fc.infiniteStream(fc.nat()), (list, random) => {
        const tree = buildReadingTree(list, CONTEXT);
        const sorted = [...list].sort((a, b) => (a < b ? -1 : 1));
        expect(tree.segments.flatMap((segment) => segment.words)).toEqual(sorted);
        for (const { page, words: ofPage } of tree.segments)
          for (const word of ofPage) expect(Math.floor(Number(word >> 224n) / PAGE_ACCOUNTS)).toBe(page);
        const shuffled = list
          .map((word) => ({ word, key: random.next().value! }))
          .sort((a, b) => a.key - b.key)
          .map(({ word }) => word);
        expect(toHex(buildReadingTree(shuffled, CONTEXT).root)).toBe(toHex(tree.root));
      }),
    );
  });

  it("proves each reading and each segment up to its root", () => {
    fc.assert(
      fc.property(words, (list) => {
        const { root, segments, segmentHashes } = buildReadingTree(list, CONTEXT);
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
      fc.property(words, fc.nat(39), fc.nat(223), (list, at, bit) => {
        const index = at % list.length;
        const root = toHex(buildReadingTree(list, CONTEXT).root);
        const altered = list.map((word, i) => (i === index ? word ^ (1n << BigInt(bit)) : word));
        expect(toHex(buildReadingTree(altered, CONTEXT).root)).not.toBe(root);
        const more = [...list, BigInt(PAGE_ACCOUNTS * 6) << 224n];
        expect(toHex(buildReadingTree(more, CONTEXT).root)).not.toBe(root);
        const fewer = list.filter((_, i) => i !== index);
        if (fewer.length > 0) expect(toHex(buildReadingTree(fewer, CONTEXT).root)).not.toBe(root);
        expect(toHex(buildReadingTree(list, flipBit(CONTEXT, bit)).root)).not.toBe(root);
      }),
    );
  });

  it("is never without a reading", () => {
    expect(() => buildReadingTree([], CONTEXT)).toThrow(/without a reading/);
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
