import { and, desc, eq } from "drizzle-orm";
import { chargingSessions } from "#domains/charging/sessionTables.ts";
import type { Queryable } from "#platform/store/openStore.ts";

/** A session as the chain has it. */
export type SessionView = typeof chargingSessions.$inferSelect;

/** Sessions whose payee is in an area, the newest first; of one driver's or payee's account where one is asked for. */
export function listSessions(
  db: Queryable,
  {
    areaId,
    driver,
    payee,
    limit,
    offset,
  }: {
    readonly areaId: number;
    readonly driver?: number | undefined;
    readonly payee?: number | undefined;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<SessionView[]> {
  return db
    .select()
    .from(chargingSessions)
    .where(
      and(
        eq(chargingSessions.areaId, areaId),
        driver === undefined ? undefined : eq(chargingSessions.driver, driver),
        payee === undefined ? undefined : eq(chargingSessions.payee, payee),
      ),
    )
    .orderBy(desc(chargingSessions.heldAt), desc(chargingSessions.id))
    .limit(limit)
    .offset(offset);
}

/** One of them; null where an area has none of this name. */
export async function findSession(
  db: Queryable,
  { areaId, id }: { readonly areaId: number; readonly id: string },
): Promise<SessionView | null> {
  const [row] = await db
    .select()
    .from(chargingSessions)
    .where(and(eq(chargingSessions.areaId, areaId), eq(chargingSessions.id, id)));
  return row ?? null;
}
