import { and, eq, gte, isNotNull, isNull, lte, or } from "drizzle-orm";
import { isMeteringEvent } from "#domains/metering/events.ts";
import { knownReadings } from "#domains/metering/projections/readings.ts";
import { meteredAreaOf } from "#domains/metering/queries/areas.ts";
import { members } from "#domains/metering/tables.ts";
import { isPoolEvent } from "#domains/pool/events.ts";
import { endsAt, startsAt } from "#kernel/units/interval.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace, Projection } from "#platform/store/projection.ts";
import { gridExchange, missingReadings } from "./tables.ts";

/** Sums the readings of an interval whenever others are known of it: with a root, and with what a settlement opened. */
export async function projectGrid({ tx, event }: Projection): Promise<void> {
  const place = placeOf(event);
  if (place === null) return;
  const { areaId, intervalId } = place;
  const { intervalSeconds } = await meteredAreaOf(tx, areaId);
  const span = {
    startsAt: startsAt(intervalId, intervalSeconds),
    endsAt: endsAt(intervalId, intervalSeconds),
  };
  const readings = await knownReadings(tx, place);
  await writeExchange(tx, { areaId, intervalId, startsAt: span.startsAt }, readings);
  const metered = await meteredMembers(tx, { areaId, ...span });
  const read = new Set(readings.map(({ member }) => member));
  await writeMissing(
    tx,
    { areaId, intervalId, startsAt: span.startsAt },
    metered.filter(({ member }) => !read.has(member)),
  );
}

function placeOf(event: ChainEvent): IntervalPlace | null {
  if (isMeteringEvent(event)) return event.kind === "readingsPublished" ? event : null;
  if (!isPoolEvent(event)) return null;
  return event.kind === "intervalSettled" || event.kind === "intervalReturned" ? event : null;
}

type Place = IntervalPlace & { readonly startsAt: number };
type Metered = { readonly importWh: number; readonly exportWh: number };

/** An interval of which no reading is known has no row: nobody knows what it exchanged. */
async function writeExchange(tx: Queryable, place: Place, readings: readonly Metered[]): Promise<void> {
  const { areaId } = place;
  await tx
    .delete(gridExchange)
    .where(and(eq(gridExchange.areaId, areaId), eq(gridExchange.startsAt, place.startsAt)));
  if (readings.length === 0) return;
  const netWh = readings.reduce((sum, { importWh, exportWh }) => sum + importWh - exportWh, 0);
  await tx.insert(gridExchange).values({ ...place, netWh, meters: readings.length });
}

type Member = { readonly member: number; readonly account: number };

async function writeMissing(tx: Queryable, place: Place, missing: readonly Member[]): Promise<void> {
  const { areaId } = place;
  await tx
    .delete(missingReadings)
    .where(and(eq(missingReadings.areaId, areaId), eq(missingReadings.startsAt, place.startsAt)));
  await insertAll(
    tx,
    missingReadings,
    missing.map((member) => ({ ...place, ...member })),
  );
}

/** Members whose meter was in use for the whole of an interval. */
function meteredMembers(
  tx: Queryable,
  span: { readonly areaId: number; readonly startsAt: number; readonly endsAt: number },
): Promise<Member[]> {
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
