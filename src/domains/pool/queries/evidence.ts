import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { allMovements } from "#domains/accounts/tables.ts";
import { allReadings } from "#domains/metering/tables.ts";
import { allPositions, clearingSteps, settledPages } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { allEvents, blocks, intervalTransactions, transactions } from "#platform/store/schema.ts";
import { isOfInterval, isWithin } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";

type IntervalKey = { readonly areaId: number; readonly intervalId: number };

/**
 * What the operator declared, what the contract was shown, what came of it and which money moved: all that is needed to
 * check an interval, but for its orders. `events` are all of the interval's transactions.
 */
export async function findEvidence(db: Queryable, key: IntervalKey) {
  const told = await listTransactions(db, key);
  const steps = await db
    .select()
    .from(clearingSteps)
    .where(ofInterval(clearingSteps, key))
    .orderBy(asc(clearingSteps.attempt), asc(clearingSteps.step));
  const held = await db
    .select(tableColumns(allPositions))
    .from(allPositions)
    .where(isOfInterval(allPositions, key))
    .orderBy(asc(allPositions.attempt), asc(allPositions.member));
  const pages = await db
    .select()
    .from(settledPages)
    .where(ofInterval(settledPages, key))
    .orderBy(asc(settledPages.page));
  const opened = await db
    .select(tableColumns(allReadings))
    .from(allReadings)
    .where(and(isOfInterval(allReadings, key), eq(allReadings.proof, "opened")))
    .orderBy(asc(allReadings.member));
  const moved = await db
    .select(tableColumns(allMovements))
    .from(allMovements)
    .where(
      and(
        inArray(
          allMovements.transactionHash,
          told.map(({ hash }) => hash),
        ),
        isOfInterval(allMovements, key),
      ),
    )
    .orderBy(
      asc(allMovements.block),
      asc(allMovements.logIndex),
      asc(allMovements.seat),
      asc(allMovements.kind),
    );
  const happened = await db
    .select(tableColumns(allEvents))
    .from(allEvents)
    .where(areOfTransactions(told))
    .orderBy(asc(allEvents.block), asc(allEvents.logIndex));
  return {
    steps,
    positions: held,
    pages,
    openedReadings: opened,
    movements: moved,
    events: happened,
    transactions: told,
  };
}

function areOfTransactions(told: readonly { readonly block: number; readonly hash: string }[]) {
  if (told.length === 0) return sql`false`;
  const blocksOfThem = told.map(({ block }) => block);
  return and(
    isWithin(allEvents, allEvents.block, {
      from: Math.min(...blocksOfThem),
      to: Math.max(...blocksOfThem) + 1,
    }),
    inArray(
      allEvents.transactionHash,
      told.map(({ hash }) => hash),
    ),
  );
}

function listTransactions(db: Queryable, key: IntervalKey) {
  return db
    .select({
      hash: transactions.hash,
      block: transactions.block,
      timestamp: blocks.timestamp,
      sender: transactions.sender,
      purpose: transactions.purpose,
      gasUsed: transactions.gasUsed,
    })
    .from(intervalTransactions)
    .innerJoin(transactions, eq(transactions.hash, intervalTransactions.hash))
    .innerJoin(blocks, eq(blocks.number, transactions.block))
    .where(ofInterval(intervalTransactions, key))
    .orderBy(asc(transactions.block), asc(transactions.place));
}

type IntervalTable = typeof intervalTransactions | typeof clearingSteps | typeof settledPages;

function ofInterval(table: IntervalTable, { areaId, intervalId }: IntervalKey) {
  return and(eq(table.areaId, areaId), eq(table.intervalId, intervalId));
}
