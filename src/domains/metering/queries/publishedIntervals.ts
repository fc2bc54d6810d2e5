import { and, eq, gte } from "drizzle-orm";
import type { Queryable } from "#platform/store/openStore.ts";
import { allEvents } from "#platform/store/schema.ts";

/** The first interval of an area from `from` on of which no readings are published. */
export async function firstUnpublished(
  db: Queryable,
  { areaId, from }: { readonly areaId: number; readonly from: number },
): Promise<number> {
  const rows = await db
    .select({ intervalId: allEvents.intervalId })
    .from(allEvents)
    .where(
      and(
        eq(allEvents.areaId, areaId),
        eq(allEvents.kind, "readingsPublished"),
        gte(allEvents.intervalId, from),
      ),
    );
  const published = new Set(rows.map(({ intervalId }) => intervalId));
  let next = from;
  while (published.has(next)) next += 1;
  return next;
}
