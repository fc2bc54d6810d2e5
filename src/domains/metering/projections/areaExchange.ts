import { and, eq, isNotNull } from "drizzle-orm";
import { meteredAreaOf } from "#domains/metering/queries/areas.ts";
import { areaExchange, members, missingReadings, readings } from "#domains/metering/tables.ts";
import { endsAt, startsAt } from "#kernel/units/interval.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { remembered, replaceRows, rowsOf } from "#platform/store/workingSet.ts";

/** Sums the readings of an interval that are known, in place of the sum before, and notes which of them are missing. */
export async function sumExchange(tx: Queryable, { areaId, intervalId }: IntervalPlace): Promise<void> {
  const { intervalSeconds } = await meteredAreaOf(tx, areaId);
  const place = { areaId, intervalId, startsAt: startsAt(intervalId, intervalSeconds) };
  const known = await rowsOf(tx, readings, place);
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
  const netWh = known.reduce((sum, { importWh, exportWh }) => sum + importWh - exportWh, 0);
  const by = known.length === 0 ? [] : [{ ...place, netWh, meters: known.length }];
  await replaceRows(tx, areaExchange, place, { by });
}

type Member = { readonly member: number; readonly account: number };

async function writeMissing(tx: Queryable, place: Place, missing: readonly Member[]): Promise<void> {
  await replaceRows(tx, missingReadings, place, {
    by: missing.map(({ member, account }) => ({ ...place, member, account })),
  });
}

/** Members whose meter was in use for the whole of an interval. */
async function meteredMembers(
  tx: Queryable,
  { areaId, startsAt: from, endsAt: to }: Place & { readonly endsAt: number },
): Promise<Member[]> {
  const { member, account, enrolledAt, retiredAt } = members;
  const look = () =>
    tx
      .select({ member, account, enrolledAt, retiredAt })
      .from(members)
      .where(and(eq(members.areaId, areaId), isNotNull(members.meterId)));
  const metered = await remembered(tx, members, { key: areaId, look });
  return metered
    .filter((each) => each.enrolledAt !== null && each.enrolledAt <= from)
    .filter((each) => each.retiredAt === null || each.retiredAt >= to);
}
