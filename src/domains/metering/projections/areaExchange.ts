import { and, eq, gte, isNotNull, isNull, lte, or } from "drizzle-orm";
import { meteredAreaOf } from "#domains/metering/queries/areas.ts";
import { areaExchange, members, missingReadings, readings } from "#domains/metering/tables.ts";
import { endsAt, startsAt } from "#kernel/units/interval.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";

/** Sums the readings of an interval that are known, in place of the sum before, and notes which of them are missing. */
export async function sumExchange(tx: Queryable, { areaId, intervalId }: IntervalPlace): Promise<void> {
  const { intervalSeconds } = await meteredAreaOf(tx, areaId);
  const place = { areaId, intervalId, startsAt: startsAt(intervalId, intervalSeconds) };
  const { member, importWh, exportWh } = readings;
  const known = await tx
    .select({ member, importWh, exportWh })
    .from(readings)
    .where(and(eq(readings.areaId, areaId), eq(readings.intervalId, intervalId)));
  await writeExchange(tx, place, known);
  const read = new Set(known.map((reading) => reading.member));
  const metered = await meteredMembers(tx, { ...place, endsAt: endsAt(intervalId, intervalSeconds) });
  await writeMissing(
    tx,
    place,
    metered.filter((each) => !read.has(each.member)),
  );
}

type Place = IntervalPlace & { readonly startsAt: number };
type Metered = { readonly importWh: number; readonly exportWh: number };

/** An interval of which no reading is known has no row: nobody knows what it exchanged. */
async function writeExchange(tx: Queryable, place: Place, known: readonly Metered[]): Promise<void> {
  await tx
    .delete(areaExchange)
    .where(and(eq(areaExchange.areaId, place.areaId), eq(areaExchange.startsAt, place.startsAt)));
  if (known.length === 0) return;
  const netWh = known.reduce((sum, { importWh, exportWh }) => sum + importWh - exportWh, 0);
  await tx.insert(areaExchange).values({ ...place, netWh, meters: known.length });
}

type Member = { readonly member: number; readonly account: number };

async function writeMissing(tx: Queryable, place: Place, missing: readonly Member[]): Promise<void> {
  await tx
    .delete(missingReadings)
    .where(and(eq(missingReadings.areaId, place.areaId), eq(missingReadings.startsAt, place.startsAt)));
  await insertAll(
    tx,
    missingReadings,
    missing.map((member) => ({ ...place, ...member })),
  );
}

/** Members whose meter was in use for the whole of an interval. */
function meteredMembers(tx: Queryable, span: Place & { readonly endsAt: number }): Promise<Member[]> {
  return tx
    .select({ member: members.member, account: members.account })
    .from(members)
    .where(
      and(
        eq(members.areaId, span.areaId),
        isNotNull(members.meterId),
        lte(members.enrolledAt, span.startsAt),
        or(isNull(members.retiredAt), gte(members.retiredAt, span.endsAt)),
      ),
    );
}
