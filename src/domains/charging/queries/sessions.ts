import { and, desc, eq, gte, inArray, isNotNull, isNull, lt, sql, sum } from "drizzle-orm";
import { chargingSessions, chargingStations } from "#domains/charging/sessionTables.ts";
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
    ids,
    limit,
    offset,
  }: {
    readonly areaId: number;
    readonly driver?: number | undefined;
    readonly payee?: number | undefined;
    /** These alone. */
    readonly ids?: readonly string[] | undefined;
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
        ids === undefined ? undefined : inArray(chargingSessions.id, [...ids]),
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

/** What sessions paid in a quarter-hour, in which no day or month of any zone begins. */
export type QuarterEarnings = { readonly at: number; readonly sessions: number; readonly paidMicro: bigint };

const QUARTER_SECONDS = 900;

/** What a payee's sessions in an area paid that ended in `[from, to)`, by quarter-hours. */
export async function listEarnings(
  db: Queryable,
  {
    areaId,
    payee,
    from,
    to,
  }: { readonly areaId: number; readonly payee: number; readonly from: number; readonly to: number },
): Promise<QuarterEarnings[]> {
  const quarter = sql<number>`div(${chargingSessions.finishedAt}, ${sql.raw(String(QUARTER_SECONDS))})`;
  const rows = await db
    .select({
      quarter: quarter.mapWith(Number),
      sessions: sql`count(*)`.mapWith(Number),
      paidMicro: sum(chargingSessions.paidMicro).mapWith(BigInt),
    })
    .from(chargingSessions)
    .where(
      and(
        eq(chargingSessions.areaId, areaId),
        eq(chargingSessions.payee, payee),
        isNotNull(chargingSessions.finishedAt),
        gte(chargingSessions.finishedAt, from),
        lt(chargingSessions.finishedAt, to),
      ),
    )
    .groupBy(quarter)
    .orderBy(quarter);
  return rows.map(({ quarter: number, sessions, paidMicro }) => ({
    at: number * QUARTER_SECONDS,
    sessions,
    paidMicro: paidMicro ?? 0n,
  }));
}

/** What is charged and not paid yet, of a payee's sessions in an area. */
export async function sumAwaited(
  db: Queryable,
  { areaId, payee }: { readonly areaId: number; readonly payee: number },
): Promise<{ readonly sessions: number; readonly amountMicro: bigint }> {
  const [row] = await db
    .select({
      sessions: sql`count(*)`.mapWith(Number),
      amountMicro: sum(chargingSessions.amountMicro).mapWith(BigInt),
    })
    .from(chargingSessions)
    .where(
      and(
        eq(chargingSessions.areaId, areaId),
        eq(chargingSessions.payee, payee),
        isNotNull(chargingSessions.amountMicro),
        isNull(chargingSessions.finishedAt),
      ),
    );
  return { sessions: row?.sessions ?? 0, amountMicro: row?.amountMicro ?? 0n };
}

/** Where a station is, by its name on the chain; null of one that is not registered. */
export async function findStation(
  db: Queryable,
  stationId: string,
): Promise<{ readonly areaId: number; readonly member: number } | null> {
  const [row] = await db
    .select({ areaId: chargingStations.areaId, member: chargingStations.member })
    .from(chargingStations)
    .where(eq(chargingStations.stationId, stationId));
  return row ?? null;
}
