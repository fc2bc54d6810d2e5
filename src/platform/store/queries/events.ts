import { and, asc, desc, eq, gt, or } from "drizzle-orm";
import type { Queryable } from "#platform/store/openStore.ts";
import { allEvents, type events, SEALED_EVENTS } from "#platform/store/schema.ts";
import { readPage } from "#platform/store/sealed/heads.ts";
import { isWithin } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";

export type EventView = typeof events.$inferSelect;

/** A place in the log: events after it come later on the chain. */
export type EventCursor = { readonly block: number; readonly logIndex: number };

/** Events after a place, in the order of the chain. */
export function listEventsAfter(
  db: Queryable,
  { after, limit }: { after: EventCursor; limit: number },
): Promise<EventView[]> {
  const isAfter = or(
    gt(allEvents.block, after.block),
    and(eq(allEvents.block, after.block), gt(allEvents.logIndex, after.logIndex)),
  );
  const page = { order: "oldestTimes", shared: {}, rows: limit, limit, after: after.block } as const;
  return readPage(db, SEALED_EVENTS, page, (isNear) =>
    db
      .select(tableColumns(allEvents))
      .from(allEvents)
      .where(and(isAfter, isWithin(allEvents, allEvents.block, { from: after.block }), isNear))
      .orderBy(asc(allEvents.block), asc(allEvents.logIndex))
      .limit(limit),
  );
}

/** The newest place of the log; before all events when there is none. */
export async function newestEvent(db: Queryable): Promise<EventCursor> {
  const page = { order: "newestTimes", shared: {}, rows: 1, limit: 1 } as const;
  const [row] = await readPage(db, SEALED_EVENTS, page, (isNear) =>
    db
      .select({ block: allEvents.block, logIndex: allEvents.logIndex })
      .from(allEvents)
      .where(isNear)
      .orderBy(desc(allEvents.block), desc(allEvents.logIndex))
      .limit(1),
  );
  return row ?? { block: -1, logIndex: -1 };
}
