import { and, eq, type SQL, sql } from "drizzle-orm";
import { accountOfMember } from "#domains/accounts/queries/seats.ts";
import { meteredAreaOf } from "#domains/metering/queries/areas.ts";
import { allReadings } from "#domains/metering/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { isBetweenIntervals } from "#platform/store/sealed/restrict.ts";

/**
 * Mean power behind a transformer in an interval, W: what its stations drew, and what it bore besides, which is metered where
 * the grid operator has a metering point of its own in the area. Null where nothing of it is read.
 */
export type MeteredPower = { readonly stationsW: number | null; readonly conventionalW: number | null };

/** Intervals of an area by number, from `first` to `last`. */
type Span = { readonly areaId: number; readonly first: number; readonly last: number };

const SECONDS_PER_HOUR = 3_600;
const UNREAD: MeteredPower = { stationsW: null, conventionalW: null };

/** What the meters of an area say, by interval; intervals without a reading are left out. */
export async function meteredPowerOf(db: Queryable, span: Span): Promise<ReadonlyMap<number, MeteredPower>> {
  const { intervalSeconds, dsoAccount } = await gridOperatorOf(db, span.areaId);
  const powers = new Map<number, MeteredPower>();
  for (const { intervalId, account, netWh } of await readingsOf(db, span)) {
    const known = powers.get(intervalId) ?? UNREAD;
    const place = account === dsoAccount ? "conventionalW" : "stationsW";
    powers.set(intervalId, { ...known, [place]: (known[place] ?? 0) + powerOf(netWh, intervalSeconds) });
  }
  return powers;
}

/** The conventional load alone, W, by interval; empty where the grid operator has no metering point in the area. */
export async function conventionalPowerOf(db: Queryable, span: Span): Promise<ReadonlyMap<number, number>> {
  const { intervalSeconds, dsoAccount } = await gridOperatorOf(db, span.areaId);
  if (dsoAccount === null) return new Map();
  const rows = await readingsOf(db, span, eq(allReadings.account, dsoAccount));
  return new Map(rows.map(({ intervalId, netWh }) => [intervalId, powerOf(netWh, intervalSeconds)]));
}

async function gridOperatorOf(db: Queryable, areaId: number) {
  const { dso, intervalSeconds } = await meteredAreaOf(db, areaId);
  return { intervalSeconds, dsoAccount: await accountOfMember(db, { areaId, member: dso }) };
}

/** Energy of each account, Wh. */
function readingsOf(db: Queryable, { areaId, ...span }: Span, among?: SQL) {
  const { account, intervalId, importWh, exportWh } = allReadings;
  return db
    .select({ intervalId, account, netWh: sql<number>`sum(${importWh} - ${exportWh})`.mapWith(Number) })
    .from(allReadings)
    .where(and(eq(allReadings.areaId, areaId), isBetweenIntervals(allReadings, span), among))
    .groupBy(intervalId, account);
}

/** Never below zero, which would be generation behind the meter. */
function powerOf(netWh: number, intervalSeconds: number): number {
  return Math.max(0, Math.round((netWh * SECONDS_PER_HOUR) / intervalSeconds));
}
