import { bigint, boolean, index, integer, numeric, pgTable, text } from "drizzle-orm/pg-core";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { hexBytes, seconds } from "#platform/store/columns.ts";
import { dumpTables } from "#platform/store/dumpTables.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import { emptyStore, type Store } from "#platform/store/openStore.ts";
import { openMemoryStore } from "../memoryStore.fixture.ts";
import { countRows, groupsOfKey } from "./heads.ts";
import { isOfInterval, isWithin } from "./restrict.ts";
import { thawIntervals } from "./seal.ts";
import { sealAll } from "./sealAll.fixture.ts";
import { GROUP_INTERVALS, type SealedTable, sealedView, tableColumns } from "./sealedTable.ts";

const noteColumns = {
  hash: hexBytes().primaryKey(),
  areaId: integer().notNull(),
  intervalId: bigint({ mode: "number" }),
  account: integer().notNull(),
  at: seconds().notNull(),
  bytes: hexBytes(),
  words: text(),
  exact: numeric({ mode: "bigint", precision: 39, scale: 0 }),
  amount: bigint({ mode: "bigint" }),
  isTrue: boolean(),
};
const notes = pgTable("notes", noteColumns, (table) => [
  index("notes_interval").on(table.areaId, table.intervalId),
]);
const allNotes = sealedView("all_notes", noteColumns);
const SEALED_NOTES = {
  table: notes,
  views: [allNotes],
  shared: [notes.account, notes.areaId],
  time: notes.at,
  key: notes.hash,
} as const satisfies SealedTable;

/** The notes' intervals are older than this by more groups than stay live. */
const NEWEST = 10 * GROUP_INTERVALS;
const PLACES = [1, 2].flatMap((areaId) =>
  [0, 1].map((group) => ({ areaId, intervalId: group * GROUP_INTERVALS })),
);

let store: Store;

beforeAll(async () => {
  const domains = [{ tables: [notes], sealed: [SEALED_NOTES] }];
  store = await openMemoryStore({ domains });
});
beforeEach(() => emptyStore(store));
afterAll(() => store.close());

const hexOf = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((array): string => `0x${Buffer.from(array).toString("hex")}`);

const note = fc.record({
  hash: hexOf(32),
  areaId: fc.integer({ min: 1, max: 2 }),
  intervalId: fc.option(fc.integer({ min: 0, max: 2 * GROUP_INTERVALS - 1 }), { freq: 8 }),
  account: fc.integer({ min: 1, max: 3 }),
  at: fc.integer({ min: 0, max: 2 ** 40 }),
  bytes: fc.option(hexOf(5)),
  words: fc.option(fc.string({ unit: "binary" }).map((value) => value.replaceAll("\0", ""))),
  exact: fc.option(fc.bigInt({ min: -(10n ** 39n) + 1n, max: 10n ** 39n - 1n })),
  amount: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  isTrue: fc.option(fc.boolean()),
});
const someNotes = fc.uniqueArray(note, { selector: ({ hash }) => hash.slice(0, 10), maxLength: 40 });

async function fill(rows: readonly (typeof notes.$inferInsert)[]): Promise<void> {
  await emptyStore(store);
  await insertAll(store.db, notes, rows);
  const newest = [1, 2].map((areaId) => ({ areaId, intervalId: NEWEST }));
  await thawIntervals(store.db, store, [...PLACES, ...newest]);
}

test("sealed rows read as before, also when only some are sealed, and thawed ones are as they were", async () => {
  await fc.assert(
    fc.asyncProperty(someNotes, async (rows) => {
      await fill(rows);
      const before = await dumpTables(store);
      expect(await sealAll(store)).toBe(PLACES.length * store.sealed.length);
      expect(await dumpTables(store)).toEqual(before);
      expect(await sealAll(store)).toBe(0);
      const [place] = PLACES;
      if (place) await thawIntervals(store.db, store, [place]);
      expect(await dumpTables(store)).toEqual(before);
      await thawIntervals(store.db, store, PLACES);
      expect(await store.db.$count(notes)).toBe(rows.length);
      expect(await dumpTables(store)).toEqual(before);
    }),
    { numRuns: 25 },
  );
});

test("what is asked of an interval, of a time or by a key is the same of sealed rows", async () => {
  await fc.assert(
    fc.asyncProperty(someNotes, fc.nat(2 ** 40), async (rows, from) => {
      await fill(rows);
      const ask = async () => {
        const { db } = store;
        const select = () =>
          db.select(tableColumns(allNotes)).from(allNotes).orderBy(allNotes.hash).$dynamic();
        const place = { areaId: 1, intervalId: rows[0]?.intervalId ?? 0 };
        const byKey = await Promise.all(rows.map(({ hash }) => groupsOfKey(db, SEALED_NOTES, hash)));
        return {
          ofInterval: await select().where(isOfInterval(allNotes, place)),
          within: await select().where(isWithin(allNotes, allNotes.at, { from, to: from + 2 ** 38 })),
          counts: [await countRows(db, SEALED_NOTES), await countRows(db, SEALED_NOTES, { account: [1, 2] })],
          byKey: byKey.map((groups) => groups.length),
        };
      };
      const before = await ask();
      await sealAll(store);
      expect(await ask()).toEqual(before);
      expect(before.byKey).toEqual(rows.map(() => 1));
    }),
    { numRuns: 15 },
  );
});
