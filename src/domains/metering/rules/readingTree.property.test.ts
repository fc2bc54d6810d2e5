import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addresses, flipBit } from "#domains/pool/check/evidence.fixture.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { memberOfReading } from "./meterReading.ts";
import {
  buildReadingTree,
  hashPage,
  memberBits,
  membersOfBits,
  otherPages,
  PAGE_MEMBERS,
  pageOf,
  placePages,
  readingContext,
  readingLeaf,
  rootOfPages,
  topOfList,
} from "./readingTree.ts";

const CONTEXT = new Uint8Array(32).fill(9);

/** Words of distinct members over a few pages, in any order, some of them needed by a market. */
const intervals = fc
  .uniqueArray(
    fc.record({
      member: fc.nat(PAGE_MEMBERS * 5),
      rest: fc.bigInt({ min: 0n, max: 2n ** 200n - 1n }),
      isNeeded: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40, selector: ({ member }) => member },
  )
  .map((list) => ({
    words: list.map(({ member, rest }) => (BigInt(member) << 240n) | rest),
    needed: new Set(list.filter(({ isNeeded }) => isNeeded).map(({ member }) => member)),
  }));

const leaves = (count: number) => Array.from({ length: count }, (_, i) => readingLeaf(CONTEXT, BigInt(i)));

describe("a set of members", () => {
  it("opens to the members of its page, rising", () => {
    const sets = fc.uniqueArray(fc.nat(PAGE_MEMBERS - 1), { maxLength: PAGE_MEMBERS });
    fc.assert(
      fc.property(sets, fc.nat(15), (places, page) => {
        const members = places.map((place) => page * PAGE_MEMBERS + place);
        const bits = memberBits(members);
        expect(bits >> 256n).toBe(0n);
        expect(membersOfBits(page, bits)).toEqual([...members].sort((a, b) => a - b));
      }),
    );
  });
});

describe("the tree of readings", () => {
  it("holds each reading once, whatever the order they came in", () => {
    fc.assert(
      fc.property(intervals, fc.infiniteStream(fc.nat()), ({ words, needed }, random) => {
        const tree = buildReadingTree(words, CONTEXT, needed);
        const held = tree.pages.flatMap(({ lists }) => lists.flatMap((list) => list.words));
        expect([...held].sort()).toEqual([...words].sort());
        const shuffled = words
          .map((word) => ({ word, key: random.next().value! }))
          .sort((a, b) => a.key - b.key)
          .map(({ word }) => word);
        expect(toHex(buildReadingTree(shuffled, CONTEXT, needed).root)).toBe(toHex(tree.root));
      }),
    );
  });

  it("has for each page those that a market needs and the others, each by rising member", () => {
    fc.assert(
      fc.property(intervals, ({ words, needed }) => {
        const { pages } = buildReadingTree(words, CONTEXT, needed);
        expect(pages.map(({ page }) => page)).toEqual(
          [...new Set(words.map(memberOfReading).map(pageOf))].sort((a, b) => a - b),
        );
        for (const { page, lists } of pages)
          lists.forEach((list, i) => {
            const members = list.words.map(memberOfReading);
            expect(members).toEqual(membersOfBits(page, list.members));
            for (const member of members) expect(needed.has(member)).toBe(i === 0);
          });
      }),
    );
  });

  it("has a root that any of its pages and the others lead to, with room for the ledger's 16 bits", () => {
    fc.assert(
      fc.property(intervals, ({ words, needed }) => {
        const tree = buildReadingTree(words, CONTEXT, needed);
        expect(toHex(tree.root).slice(-4)).toBe("0000");
        for (const { page, lists, hash } of tree.pages) {
          const [first, second] = lists.map(({ members, words: own }) => ({
            members,
            top: topOfList(own.map((word) => readingLeaf(CONTEXT, word))),
          }));
          expect(toHex(hashPage(page, first!, second!))).toBe(toHex(hash));
          const others = placePages(page, otherPages(tree, page))!;
          expect(others.has(page)).toBe(false);
          expect(toHex(rootOfPages(others.set(page, hash)))).toBe(toHex(tree.root));
        }
      }),
    );
  });

  it("has another root when a reading is altered, left out, added, in the other list, or of another publication", () => {
    fc.assert(
      fc.property(intervals, fc.nat(39), fc.nat(199), ({ words, needed }, at, bit) => {
        const rootOfWords = (list: readonly bigint[], context: Uint8Array = CONTEXT, set = needed) =>
          toHex(buildReadingTree(list, context, set).root);
        const index = at % words.length;
        const root = rootOfWords(words);
        expect(rootOfWords(words.with(index, words[index]! ^ (1n << BigInt(bit))))).not.toBe(root);
        expect(rootOfWords([...words, BigInt(PAGE_MEMBERS * 6) << 240n])).not.toBe(root);
        if (words.length > 1) expect(rootOfWords(words.toSpliced(index, 1))).not.toBe(root);
        expect(rootOfWords(words, flipBit(CONTEXT, bit))).not.toBe(root);
        const moved = new Set(needed);
        const member = memberOfReading(words[index]!);
        if (!moved.delete(member)) moved.add(member);
        expect(rootOfWords(words, CONTEXT, moved)).not.toBe(root);
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

  it("a list of one leaf is not that leaf, nor one of seventeen the top of its two nodes", () => {
    const [leaf] = leaves(1);
    const lengths = Array.from({ length: 40 }, (_, count) => toHex(topOfList(leaves(count))));
    expect(lengths[1]).not.toBe(toHex(leaf!));
    expect(new Set(lengths).size).toBe(lengths.length);
    expect(toHex(topOfList(leaves(0)))).toBe(`0x${"0".repeat(64)}`);
    expect(toHex(topOfList([topOfList(leaves(16)), topOfList(leaves(17).slice(16))]))).not.toBe(lengths[17]);
  });

  it("one page can't pass for another, nor the lists of a page for each other", () => {
    const [first, second] = [
      { members: 1n, top: topOfList(leaves(1)) },
      { members: 2n, top: topOfList(leaves(2).slice(1)) },
    ];
    const hashes = [
      hashPage(0, first, second),
      hashPage(1, first, second),
      hashPage(0, second, first),
      hashPage(0, { ...first, members: 4n }, second),
    ].map(toHex);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("more pages than an area has lead nowhere", () => {
    expect(placePages(16, [])).toBeNull();
    expect(placePages(0, leaves(16))).toBeNull();
    expect(placePages(0, leaves(15))?.size).toBe(15);
  });
});
