import { and, asc, desc, eq, gt, or } from "drizzle-orm";
import type { Queryable } from "#platform/store/openStore.ts";
import { events } from "#platform/store/schema.ts";

export type EventView = typeof events.$inferSelect;

/** A place in the log: events after it come later on the chain. */
export type EventCursor = { readonly block: number; readonly logIndex: number };

/** Events after a place, in the order of the chain. */
export function listEventsAfter(
  db: Queryable,
  { after, limit }: { after: EventCursor; limit: number },
): Promise<EventView[]> {
  return db
    .select()
    .from(events)
    .where(
      or(
        gt(events.block, after.block),
        and(eq(events.block, after.block), gt(events.logIndex, after.logIndex)),
      ),
    )
    .orderBy(asc(events.block), asc(events.logIndex))
    .limit(limit);
}

/** The newest place of the log; before all events when there is none. */
export async function newestEvent(db: Queryable): Promise<EventCursor> {
  const [row] = await db
    .select({ block: events.block, logIndex: events.logIndex })
    .from(events)
    .orderBy(desc(events.block), desc(events.logIndex))
    .limit(1);
  return row ?? { block: -1, logIndex: -1 };
}
