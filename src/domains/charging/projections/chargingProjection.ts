import { and, eq } from "drizzle-orm";
import type { TariffSource } from "#domains/billing/projections/bills.ts";
import type { ChargingEvent } from "#domains/charging/events.ts";
import { quotaPeriods, quotaStations } from "#domains/charging/tables.ts";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Projection } from "#platform/store/projection.ts";

/** The projection of an event of the quota market. */
export type ChargingProjection<Kind extends ChargingEvent["kind"]> = Projection<
  TariffSource,
  ChargingEvent<Kind>
>;

/** A period of an area. */
export type PeriodPlace = { readonly areaId: number; readonly period: number };
type StationPlace = PeriodPlace & { readonly member: number };

export type PeriodRow = typeof quotaPeriods.$inferSelect;
export type StationRow = typeof quotaStations.$inferSelect;

/** The period of an event: the market says its margin before all else. */
export async function periodOf(tx: Queryable, place: PeriodPlace): Promise<PeriodRow> {
  const [row] = await tx.select().from(quotaPeriods).where(isPeriod(place));
  return present(row, `period ${place.period} of area ${place.areaId}`);
}

export async function changePeriod(
  tx: Queryable,
  place: PeriodPlace,
  change: Partial<typeof quotaPeriods.$inferInsert>,
): Promise<void> {
  await tx.update(quotaPeriods).set(change).where(isPeriod(place));
}

/** The stations that demanded in a period, by rising member. */
export async function stationsOf(
  tx: Queryable,
  { areaId, intervalId }: Pick<PeriodRow, "areaId" | "intervalId">,
): Promise<StationRow[]> {
  const rows = await tx
    .select()
    .from(quotaStations)
    .where(and(eq(quotaStations.areaId, areaId), eq(quotaStations.intervalId, intervalId)));
  return rows.sort((a, b) => a.member - b.member);
}

/** The station of an event: the market knows none that did not demand. */
export async function stationOf(
  tx: Queryable,
  period: PeriodRow,
  { member }: StationPlace,
): Promise<StationRow> {
  const [row] = await tx.select().from(quotaStations).where(isStation(period, member));
  return present(row, `station ${member} in period ${period.period} of area ${period.areaId}`);
}

export async function changeStation(
  tx: Queryable,
  { areaId, intervalId, member }: Pick<StationRow, "areaId" | "intervalId" | "member">,
  change: Partial<typeof quotaStations.$inferInsert>,
): Promise<void> {
  await tx.update(quotaStations).set(change).where(isStation({ areaId, intervalId }, member));
}

function isPeriod({ areaId, period }: PeriodPlace) {
  return and(eq(quotaPeriods.areaId, areaId), eq(quotaPeriods.period, period));
}

function isStation({ areaId, intervalId }: Pick<PeriodRow, "areaId" | "intervalId">, member: number) {
  return and(
    eq(quotaStations.areaId, areaId),
    eq(quotaStations.intervalId, intervalId),
    eq(quotaStations.member, member),
  );
}
