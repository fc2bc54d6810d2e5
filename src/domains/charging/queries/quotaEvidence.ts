import { and, asc, eq, inArray } from "drizzle-orm";
import type { Queryable } from "#platform/store/openStore.ts";
import { allEvents, transactions } from "#platform/store/schema.ts";
import { isAmongIntervals } from "#platform/store/sealed/restrict.ts";
import type { QuotaPeriodView } from "./quotaPeriods.ts";

/** Where transactions stand on the chain, and who sent them, by hash. */
export async function placesOfTransactions(db: Queryable, hashes: readonly (string | null)[]) {
  const known = [...new Set(hashes.flatMap((hash) => hash ?? []))];
  const rows =
    known.length === 0
      ? []
      : await db
          .select({ hash: transactions.hash, block: transactions.block, sender: transactions.sender })
          .from(transactions)
          .where(inArray(transactions.hash, known));
  return new Map(rows.map((row) => [row.hash, row]));
}

/** Publications of readings of a period's intervals, in the order of the chain. */
export async function listPublications(
  db: Queryable,
  { areaId, intervalId, intervals }: QuotaPeriodView,
): Promise<{ intervalId: number; version: number; root: string; block: number }[]> {
  const places = Array.from({ length: intervals }, (_, i) => ({ areaId, intervalId: intervalId + i }));
  const rows = await db
    .select({ intervalId: allEvents.intervalId, facts: allEvents.facts, block: allEvents.block })
    .from(allEvents)
    .where(and(isAmongIntervals(allEvents, places), eq(allEvents.kind, "readingsPublished")))
    .orderBy(asc(allEvents.block), asc(allEvents.logIndex));
  return rows.map(({ intervalId: id, facts, block }) => {
    const { version, root } = JSON.parse(facts) as { version: number; root: string };
    return { intervalId: id ?? 0, version, root, block };
  });
}
