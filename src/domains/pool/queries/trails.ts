import { and, asc, eq } from "drizzle-orm";
import { pageOf } from "#domains/metering/rules/readingTree.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { listTransactions } from "#platform/store/queries/transactions.ts";
import {
  billLines,
  clearingSteps,
  intervals,
  positions,
  readings,
  settledPages,
} from "#platform/store/schema.ts";

/** One account in one interval. */
export type AccountInterval = {
  readonly areaId: number;
  readonly intervalId: number;
  readonly account: number;
};

/** All that is known of an account in an interval, from the clearing to the payment; null is what is not there. */
export type AccountTrail = Awaited<ReturnType<typeof findAccountTrail>>;

/** Follows an account through an interval. */
export async function findAccountTrail(db: Queryable, key: AccountInterval) {
  const { areaId, intervalId, account } = key;
  const [interval] = await db
    .select()
    .from(intervals)
    .where(and(eq(intervals.areaId, areaId), eq(intervals.intervalId, intervalId)));
  const held = await db.select().from(positions).where(ofAccount(positions, key));
  const [line] = await db.select().from(billLines).where(ofAccount(billLines, key));
  const [page] = await db
    .select()
    .from(settledPages)
    .where(
      and(
        eq(settledPages.areaId, areaId),
        eq(settledPages.intervalId, intervalId),
        eq(settledPages.page, pageOf(account)),
      ),
    );
  const steps = await db
    .select()
    .from(clearingSteps)
    .where(and(eq(clearingSteps.areaId, areaId), eq(clearingSteps.intervalId, intervalId)))
    .orderBy(asc(clearingSteps.step));
  const publication = (await listTransactions(db, key)).findLast(({ purpose }) => purpose === "publish");
  return {
    interval: interval ?? null,
    reading: await findReading(db, key),
    position: held.length === 0 ? null : sumPositions(held),
    line: line ?? null,
    page: page ?? null,
    clearedIn: steps.at(-1)?.transactionHash ?? null,
    publishedIn: publication?.hash ?? null,
  };
}

/** The reading of an account in an interval; null when none is known. */
export async function findReading(db: Queryable, key: AccountInterval) {
  const [row] = await db.select().from(readings).where(ofAccount(readings, key));
  return row ?? null;
}

type Held = Pick<typeof positions.$inferSelect, "boughtWh" | "soldWh" | "reserveMicro">;

function sumPositions(held: readonly Held[]): Held {
  const sum = (pick: (position: Held) => bigint) => held.reduce((total, each) => total + pick(each), 0n);
  return {
    boughtWh: sum(({ boughtWh }) => boughtWh),
    soldWh: sum(({ soldWh }) => soldWh),
    reserveMicro: sum(({ reserveMicro }) => reserveMicro),
  };
}

function ofAccount(
  table: typeof positions | typeof billLines | typeof readings,
  { areaId, intervalId, account }: AccountInterval,
) {
  return and(eq(table.areaId, areaId), eq(table.intervalId, intervalId), eq(table.account, account));
}
