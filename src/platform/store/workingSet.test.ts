import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { gridFees } from "#domains/billing/tables.ts";
import { areas, missingReadings } from "#domains/metering/tables.ts";
import { openMemoryStore } from "./memoryStore.fixture.ts";
import { emptyStore, type Queryable, type Store } from "./openStore.ts";
import {
  addRows,
  forget,
  gathered,
  openWorkingSet,
  remembered,
  replaceRows,
  rowsOf,
  writeWorkingSet,
} from "./workingSet.ts";

const [FIRST, SECOND] = [100, 101].map((intervalId) => ({ areaId: 1, intervalId })) as [
  { areaId: number; intervalId: number },
  { areaId: number; intervalId: number },
];
const fee = (
  { intervalId }: { intervalId: number },
  kind: "pool.gridFee" | "charging.fee",
  micro: bigint,
) => ({
  areaId: 1,
  intervalId,
  startsAt: intervalId * 900,
  kind,
  amountMicro: micro,
});

let store: Store;
beforeAll(async () => {
  store = await openMemoryStore();
});
beforeEach(() => emptyStore(store));
afterAll(() => store?.close());

/** A transaction with a working set. */
async function work(does: (tx: Queryable) => Promise<void>, isLong = true): Promise<void> {
  await store.db.transaction(async (tx) => {
    openWorkingSet(tx, [FIRST, SECOND], { isLong });
    await does(tx);
    await writeWorkingSet(tx);
  });
}

async function fees() {
  const rows = await store.db.select().from(gridFees).orderBy(gridFees.startsAt, gridFees.kind);
  return rows.map(({ intervalId, kind, amountMicro }) => [intervalId, kind, amountMicro]);
}

it("writes at the end what was added, replaced and taken out", async () => {
  await work(async (tx) => {
    addRows(tx, gridFees, FIRST, [fee(FIRST, "pool.gridFee", 1n), fee(FIRST, "charging.fee", 2n)]);
    addRows(tx, gridFees, SECOND, [fee(SECOND, "pool.gridFee", 3n)]);
    expect(await tx.select().from(gridFees)).toEqual([]);
    expect(await rowsOf(tx, gridFees, FIRST)).toHaveLength(2);
  });
  await work(async (tx) => {
    await replaceRows(tx, gridFees, FIRST, {
      isReplaced: ({ kind }) => kind === "charging.fee",
      by: [fee(FIRST, "pool.gridFee", 7n)],
    });
    await replaceRows(tx, gridFees, SECOND, { by: [] });
    expect(await rowsOf(tx, gridFees, SECOND)).toEqual([]);
  });
  expect(await fees()).toEqual([[100, "pool.gridFee", 7n]]);
});

it("adds to rows that were there, and reads those of another interval than its own", async () => {
  await work(async (tx) => addRows(tx, gridFees, FIRST, [fee(FIRST, "pool.gridFee", 1n)]));
  const other = { areaId: 1, intervalId: 200 };
  await work(async (tx) => {
    addRows(tx, gridFees, FIRST, [fee(FIRST, "charging.fee", 2n)]);
    addRows(tx, gridFees, other, [fee(other, "pool.gridFee", 3n)]);
    expect((await rowsOf(tx, gridFees, FIRST)).map(({ amountMicro }) => amountMicro).sort()).toEqual([
      1n,
      2n,
    ]);
    expect(await rowsOf(tx, gridFees, other)).toHaveLength(1);
  });
  expect(await fees()).toEqual([
    [100, "charging.fee", 2n],
    [100, "pool.gridFee", 1n],
    [200, "pool.gridFee", 3n],
  ]);
});

it("leaves alone what did not change, and nothing behind of a transaction that failed", async () => {
  await work(async (tx) => addRows(tx, gridFees, FIRST, [fee(FIRST, "pool.gridFee", 1n)]));
  const failing = work(async (tx) => {
    await replaceRows(tx, gridFees, FIRST, { by: [fee(FIRST, "pool.gridFee", 9n)] });
    throw new Error("it failed");
  });
  await expect(failing).rejects.toThrow("it failed");
  await work(async (tx) => void (await rowsOf(tx, gridFees, FIRST)));
  expect(await fees()).toEqual([[100, "pool.gridFee", 1n]]);
});

it("reads some members alone, and all of them after: what was changed before stays", async () => {
  const row = (member: number, account = member) => ({ ...FIRST, startsAt: 90_000, member, account });
  await work(async (tx) => addRows(tx, missingReadings, FIRST, [row(1), row(2), row(900)]));
  await work(async (tx) => {
    expect((await rowsOf(tx, missingReadings, FIRST, { members: [2] })).map(({ member }) => member)).toEqual([
      1, 2,
    ]);
    await replaceRows(tx, missingReadings, FIRST, {
      members: [1, 2],
      isReplaced: ({ member }) => member < 3,
      by: [row(2, 77)],
    });
    expect((await rowsOf(tx, missingReadings, FIRST)).map(({ member }) => member).sort()).toEqual([2, 900]);
  }, false);
  const left = await store.db.select().from(missingReadings).orderBy(missingReadings.member);
  expect(left.map(({ member, account }) => [member, account])).toEqual([
    [2, 77],
    [900, 900],
  ]);
});

it("looks up once what is remembered, until it is forgotten, and each time without a working set", async () => {
  let looks = 0;
  const look = async () => ++looks;
  await work(async (tx) => {
    for (const _ of [1, 2]) expect(await remembered(tx, areas, { key: 1, look })).toBe(1);
    forget(tx, areas);
    expect(await remembered(tx, areas, { key: 1, look })).toBe(2);
  });
  for (const expected of [3, 4]) expect(await remembered(store.db, areas, { key: 1, look })).toBe(expected);
});

it("gathers until the end", async () => {
  await work(async (tx) => {
    const list = () =>
      gathered(tx, gridFees, {
        begin: (): bigint[] => [],
        write: async (amounts) => {
          const amountMicro = amounts.reduce((sum, each) => sum + each, 0n);
          await tx.insert(gridFees).values(fee(FIRST, "pool.gridFee", amountMicro));
        },
      });
    list().push(4n);
    list().push(5n);
    expect(await tx.select().from(gridFees).where(eq(gridFees.areaId, 1))).toEqual([]);
  });
  expect(await fees()).toEqual([[100, "pool.gridFee", 9n]]);
});
