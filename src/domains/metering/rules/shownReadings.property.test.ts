import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flipBit } from "#domains/pool/check/evidence.fixture.ts";
import { fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { memberOfReading } from "./meterReading.ts";
import { buildReadingTree, PAGE_MEMBERS, pageOf } from "./readingTree.ts";
import {
  findOpeningFault,
  isWithheld,
  meteredOf,
  missingOf,
  openedWords,
  rootOfShown,
  type ShownReadings,
  showReadings,
} from "./shownReadings.ts";

const CONTEXT = new Uint8Array(32).fill(9);

/** Readings over a few pages; of a page, some members are traded with, of whom some are metered and stand in either list. */
const shows = fc
  .record({
    list: fc.uniqueArray(
      fc.record({
        member: fc.integer({ min: 1, max: PAGE_MEMBERS * 2 + 20 }),
        rest: fc.bigInt({ min: 0n, max: 2n ** 200n - 1n }),
        isNeeded: fc.boolean(),
        isTraded: fc.boolean(),
      }),
      { minLength: 1, maxLength: 40, selector: ({ member }) => member },
    ),
    page: fc.nat(2),
    unmetered: fc.uniqueArray(fc.integer({ min: 0, max: 19 }), { maxLength: 3 }),
  })
  .map(({ list, page, unmetered }) => {
    const ofPage = list.filter(({ member }) => pageOf(member) === page);
    const known = new Set(list.map(({ member }) => member));
    const missing = unmetered
      .map((place) => page * PAGE_MEMBERS + place + 1)
      .filter((member) => !known.has(member));
    const traded = ofPage.filter(({ isTraded }) => isTraded).map(({ member }) => member);
    const tree = buildReadingTree(
      list.map(({ member, rest }) => (BigInt(member) << 240n) | rest),
      CONTEXT,
      new Set(list.filter(({ isNeeded }) => isNeeded).map(({ member }) => member)),
    );
    const members = new Set([...traded, ...missing]);
    return {
      page,
      tree,
      members,
      traded,
      missing,
      shown: showReadings(tree, { page, members, context: CONTEXT }),
    };
  });

describe("the readings that a settlement shows", () => {
  it("prove the published root, and open the traded members' alone", () => {
    fc.assert(
      fc.property(shows, ({ page, tree, members, traded, missing, shown }) => {
        expect(rootOfShown(page, shown, CONTEXT)).toBe(toHex(tree.root));
        const opened = openedWords(page, shown);
        expect(opened.map(memberOfReading).sort()).toEqual([...traded].sort());
        const words = tree.pages.flatMap(({ lists }) => lists.flatMap((list) => list.words));
        expect(words).toEqual(expect.arrayContaining([...opened]));
        expect([...meteredOf(page, shown).keys()].sort()).toEqual([...traded].sort());
        expect(missingOf(page, shown, members).sort()).toEqual([...missing].sort());
        expect(findOpeningFault({ page, shown, members })).toBeNull();
      }),
    );
  });

  it("prove another root, or none, with any bit changed", () => {
    fc.assert(
      fc.property(shows, fc.nat(), fc.nat(1), (given, at, list) => {
        const { page, tree, shown } = given;
        const root = toHex(tree.root);
        for (const other of forgeries(shown, at, list))
          expect(rootOfShown(page, other, CONTEXT)).not.toBe(root);
        // Of pages without a reading one is like the other.
        if (shown.lists.some((bits) => bits !== 0n))
          expect(rootOfShown(page + 1, shown, CONTEXT)).not.toBe(root);
      }),
    );
  });

  it("are at fault when a traded member's reading stays sealed, or another's is opened", () => {
    fc.assert(
      fc.property(shows, ({ page, tree, members, traded }) => {
        const [member] = traded;
        fc.pre(member !== undefined);
        const fewer = new Set([...members].filter((other) => other !== member));
        const sealed = showReadings(tree, { page, members: fewer, context: CONTEXT });
        expect(findOpeningFault({ page, shown: sealed, members })).toEqual({
          member,
          finding: `the reading of member ${member}, which has a position, is not opened`,
        });
        const shown = showReadings(tree, { page, members, context: CONTEXT });
        expect(findOpeningFault({ page, shown, members: fewer })?.finding).toMatch(
          `the reading of member ${member} is opened`,
        );
      }),
    );
  });

  it("are withheld when nothing at all is shown", () => {
    const nothing: ShownReadings = { lists: [0n, 0n], opened: [0n, 0n], leaves: "0x", pages: [] };
    expect(isWithheld(nothing)).toBe(true);
    expect(isWithheld({ ...nothing, pages: [toHex(CONTEXT)] })).toBe(false);
    expect(findOpeningFault({ page: 0, shown: nothing, members: new Set([4]) })).toBeNull();
  });

  it("can have no member in both lists", () => {
    const tree = buildReadingTree([4n << 240n, 5n << 240n], CONTEXT, new Set([4]));
    const shown = showReadings(tree, { page: 0, members: new Set([4]), context: CONTEXT });
    expect(rootOfShown(0, { ...shown, lists: [shown.lists[0], shown.lists[0]] }, CONTEXT)).toBeNull();
  });
});

/** The same with one bit of one part turned; a missing part is left alone. */
function forgeries(shown: ShownReadings, at: number, list: number): ShownReadings[] {
  const flipped = (hex: Hex) => (hex === "0x" ? null : toHex(flipBit(fromHex(hex), at)));
  const leaves = flipped(shown.leaves);
  const bit = 1n << BigInt(at % 256);
  const turn = ([first, second]: readonly [bigint, bigint]) =>
    list === 0 ? ([first ^ bit, second] as const) : ([first, second ^ bit] as const);
  const others = shown.pages.map((hash, i) =>
    i === at % shown.pages.length ? toHex(flipBit(fromHex(hash), at)) : hash,
  );
  return [
    ...(leaves === null ? [] : [{ ...shown, leaves }]),
    { ...shown, leaves: `${shown.leaves}00` as Hex },
    { ...shown, lists: turn(shown.lists) },
    { ...shown, opened: turn(shown.opened) },
    ...(shown.pages.length > 0
      ? [
          { ...shown, pages: others },
          { ...shown, pages: shown.pages.slice(0, -1) },
        ]
      : []),
  ];
}
