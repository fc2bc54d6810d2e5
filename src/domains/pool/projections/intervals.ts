import { intervals } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import { endsAt, startsAt } from "#kernel/units/interval.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { addRows, replaceRows, rowsOf } from "#platform/store/workingSet.ts";

export type IntervalRow = typeof intervals.$inferSelect;

export type IntervalChange = Partial<typeof intervals.$inferInsert>;

/** What an interval is before its clearing, and again after one that was given up. */
const UNCLEARED = {
  stage: "collecting",
  termsVersion: null,
  supplier: null,
  dso: null,
  fund: null,
  isSupplied: null,
  steps: 0,
  orders: 0,
  trades: 0,
  clearedWh: 0n,
  supplierReserveMicro: 0n,
  gridFeeMicro: 0n,
} as const;

/** The interval's row, made when this is the first that the chain says of it. */
export async function openInterval(
  tx: Queryable,
  { areaId, intervalSeconds }: { readonly areaId: number; readonly intervalSeconds: number },
  intervalId: number,
): Promise<IntervalRow> {
  const place = { areaId, intervalId };
  const [known] = await rowsOf(tx, intervals, place);
  if (known) return known;
  const times = {
    startsAt: startsAt(intervalId, intervalSeconds),
    endsAt: endsAt(intervalId, intervalSeconds),
  };
  addRows(tx, intervals, place, [{ ...place, ...times, attempt: 0, ...UNCLEARED }]);
  return intervalOf(tx, place);
}

/** The interval waits for another clearing: the attempts so far were given up. */
export async function resetInterval(
  tx: Queryable,
  place: IntervalPlace,
  { attempt, abandonedAt }: { attempt: number; abandonedAt: number },
): Promise<void> {
  await changeInterval(tx, place, { ...UNCLEARED, attempt, abandonedAt });
}

export async function intervalOf(tx: Queryable, place: IntervalPlace): Promise<IntervalRow> {
  const [row] = await rowsOf(tx, intervals, place);
  return present(row, `interval ${place.intervalId} of area ${place.areaId}`);
}

export async function changeInterval(
  tx: Queryable,
  place: IntervalPlace,
  change: IntervalChange,
): Promise<void> {
  const rows = await rowsOf(tx, intervals, place);
  await replaceRows(tx, intervals, place, { by: rows.map((row) => ({ ...row, ...change })) });
}
