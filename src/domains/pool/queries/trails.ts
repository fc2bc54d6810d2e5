import { and, eq } from "drizzle-orm";
import { findBillLine } from "#domains/billing/queries/bills.ts";
import { findReading, type MemberInterval } from "#domains/metering/queries/readings.ts";
import { pageOf } from "#domains/metering/rules/readingTree.ts";
import { allPositions, intervals, settledPages } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { listTransactions } from "#platform/store/queries/transactions.ts";
import { isOfInterval } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";
import { listClearingSteps } from "./clearingSteps.ts";

/** All that is known of a member in an interval, from the clearing to the payment; null is what is not there. */
export type MemberTrail = Awaited<ReturnType<typeof findMemberTrail>>;

/** Follows a member through an interval, by its last clearing. */
export async function findMemberTrail(db: Queryable, { areaId, intervalId, member }: MemberInterval) {
  const key = { areaId, intervalId, member };
  const [interval] = await db
    .select()
    .from(intervals)
    .where(and(eq(intervals.areaId, areaId), eq(intervals.intervalId, intervalId)));
  const attempt = interval?.attempt ?? 0;
  const [position] = await db
    .select(tableColumns(allPositions))
    .from(allPositions)
    .where(
      and(
        isOfInterval(allPositions, key),
        eq(allPositions.member, member),
        eq(allPositions.attempt, attempt),
      ),
    );
  const line = await findBillLine(db, key);
  const [page] = await db
    .select()
    .from(settledPages)
    .where(
      and(
        eq(settledPages.areaId, areaId),
        eq(settledPages.intervalId, intervalId),
        eq(settledPages.page, pageOf(member)),
      ),
    );
  const steps = await listClearingSteps(db, { areaId, intervalId, attempt });
  const publication = (await listTransactions(db, key)).findLast(({ purpose }) => purpose === "publish");
  return {
    interval: interval ?? null,
    reading: await findReading(db, key),
    position: position ?? null,
    line,
    page: page ?? null,
    clearedIn: steps.at(-1)?.transactionHash ?? null,
    publishedIn: publication?.hash ?? null,
  };
}
