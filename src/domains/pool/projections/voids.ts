import { and, eq } from "drizzle-orm";
import { moveMoney } from "#domains/accounts/projections/movements.ts";
import { writeBillLines } from "#domains/billing/projections/bills.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { Projection } from "#platform/store/project.ts";
import { readings } from "#platform/store/schema.ts";
import { areaOf } from "./areas.ts";
import { changeInterval, type IntervalKey, intervalOf } from "./intervals.ts";
import { holdingsOf } from "./positions.ts";

/** A page given back: reserves return to the margins they came from. */
export async function projectPageVoided({ tx, event }: Projection<"pageVoided">): Promise<void> {
  await changeInterval(tx, event, { stage: "voiding" });
  const holdings = await holdingsOf(tx, event, event.page);
  await moveMoney(
    tx,
    event,
    holdings.map(({ account, reserveMicro }) => ({
      account,
      kind: "returned",
      margin: reserveMicro,
      escrow: -reserveMicro,
    })),
  );
}

/** An interval undone: no trade counts, all energy is billed at the tariff. */
export async function projectIntervalVoided({
  tx,
  event,
  sources,
}: Projection<"intervalVoided">): Promise<void> {
  const { supplier } = await areaOf(tx, event.areaId);
  const interval = await intervalOf(tx, event);
  const reserve = interval.supplierReserveMicro;
  await moveMoney(tx, event, [{ account: supplier, kind: "returned", margin: reserve, escrow: -reserve }]);
  await changeInterval(tx, event, { stage: "voided", voidedAt: event.timestamp });
  const lines = (await readingsOf(tx, event)).map((reading) => ({ reading }));
  await writeBillLines(tx, { interval, tariff: sources.tariffOf(event.areaId, event.intervalId), lines });
}

function readingsOf(tx: Queryable, { areaId, intervalId }: IntervalKey) {
  return tx
    .select()
    .from(readings)
    .where(and(eq(readings.areaId, areaId), eq(readings.intervalId, intervalId)));
}
