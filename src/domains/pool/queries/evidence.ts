import { and, asc, eq, inArray, lte } from "drizzle-orm";
import { movements } from "#domains/accounts/tables.ts";
import { readings } from "#domains/metering/tables.ts";
import { clearingSteps, positions, settledPages } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { EventView } from "#platform/store/queries/events.ts";
import { blocks, events, intervalTransactions, transactions } from "#platform/store/schema.ts";

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
    .select()
    .from(positions)
    .where(ofInterval(positions, key))
    .orderBy(asc(positions.attempt), asc(positions.member));
  const pages = await db
    .select()
    .from(settledPages)
    .where(ofInterval(settledPages, key))
    .orderBy(asc(settledPages.page));
  const opened = await db
    .select()
    .from(readings)
    .where(and(ofInterval(readings, key), eq(readings.proof, "opened")))
    .orderBy(asc(readings.member));
  const moved = await db
    .select()
    .from(movements)
    .where(
      and(
        inArray(
          movements.transactionHash,
          told.map(({ hash }) => hash),
        ),
        ofInterval(movements, key),
      ),
    )
    .orderBy(asc(movements.block), asc(movements.logIndex), asc(movements.seat), asc(movements.kind));
  const happened = await db
    .select()
    .from(events)
    .where(
      inArray(
        events.transactionHash,
        told.map(({ hash }) => hash),
      ),
    )
    .orderBy(asc(events.block), asc(events.logIndex));
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

/** Events of these kinds up to a block, in the order of the chain. */
export function listEventsOf(
  db: Queryable,
  { kinds, toBlock }: { readonly kinds: readonly string[]; readonly toBlock: number },
): Promise<EventView[]> {
  return db
    .select()
    .from(events)
    .where(and(inArray(events.kind, [...kinds]), lte(events.block, toBlock)))
    .orderBy(asc(events.block), asc(events.logIndex));
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

type IntervalTable =
  | typeof intervalTransactions
  | typeof clearingSteps
  | typeof positions
  | typeof settledPages
  | typeof readings
  | typeof movements;

function ofInterval(table: IntervalTable, { areaId, intervalId }: IntervalKey) {
  return and(eq(table.areaId, areaId), eq(table.intervalId, intervalId));
}
