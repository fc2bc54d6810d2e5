import { and, asc, desc, eq, getTableColumns } from "drizzle-orm";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { allEvents, blocks, intervalTransactions, transactions } from "#platform/store/schema.ts";
import { isWithin } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";
import { MAX_PAGE_ROWS } from "./page.ts";
import { isInShort, type ShortHash } from "./shortHash.ts";
import { COUNT, total } from "./sums.ts";

/** A transaction that touched the contracts, with the time of its block. */
export type TransactionView = typeof transactions.$inferSelect & { readonly timestamp: number };

/** A transaction by its hash, in lower case; null when the contracts know none. */
export async function findTransaction(db: Queryable, hash: string): Promise<TransactionView | null> {
  const [row] = await select(db).where(eq(transactions.hash, hash));
  return row ?? null;
}

/** Transactions whose hash begins and ends so, the latest first. */
export function findTransactionsInShort(
  db: Queryable,
  { limit, ...short }: ShortHash & { readonly limit: number },
): Promise<TransactionView[]> {
  return select(db).where(isInShort(transactions.hash, short)).orderBy(desc(transactions.block)).limit(limit);
}

/** The transactions of an interval in the order of the chain; one of them may be about other intervals too. */
export function listTransactions(
  db: Queryable,
  { areaId, intervalId }: IntervalPlace,
): Promise<TransactionView[]> {
  return select(db)
    .innerJoin(intervalTransactions, eq(intervalTransactions.hash, transactions.hash))
    .where(and(eq(intervalTransactions.areaId, areaId), eq(intervalTransactions.intervalId, intervalId)))
    .orderBy(asc(transactions.block), asc(transactions.place))
    .limit(MAX_PAGE_ROWS);
}

/** What a transaction did, in order; the first events where there are very many. */
export function listEventsOf(db: Queryable, { block, hash }: Pick<TransactionView, "block" | "hash">) {
  return db
    .select(tableColumns(allEvents))
    .from(allEvents)
    .where(
      and(
        isWithin(allEvents, allEvents.block, { from: block, to: block + 1 }),
        eq(allEvents.transactionHash, hash),
      ),
    )
    .orderBy(asc(allEvents.logIndex))
    .limit(MAX_PAGE_ROWS);
}

function select(db: Queryable) {
  return db
    .select({ ...getTableColumns(transactions), timestamp: blocks.timestamp })
    .from(transactions)
    .innerJoin(blocks, eq(blocks.number, transactions.block));
}

/** How many transactions there were, and what they took. */
export async function sumTransactions(
  db: Queryable,
): Promise<{ readonly transactions: number; readonly gasUsed: bigint }> {
  const [sums] = await db
    .select({ transactions: COUNT, gasUsed: total(transactions.gasUsed) })
    .from(transactions);
  return sums ?? { transactions: 0, gasUsed: 0n };
}
