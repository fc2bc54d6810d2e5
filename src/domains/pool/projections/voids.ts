import { writeBillLines } from "#domains/billing/projections/bills.ts";
import { knownReadings } from "#domains/metering/projections/readings.ts";
import { areaOf } from "./areas.ts";
import { changeInterval, intervalOf } from "./intervals.ts";
import { movePoolMoney } from "./movePoolMoney.ts";
import type { PoolProjection } from "./poolProjection.ts";
import { holdingsOf } from "./positions.ts";

/** A page given back: reserves return to the margins they came from. */
export async function projectPageVoided(projection: PoolProjection<"pageVoided">): Promise<void> {
  const { tx, event } = projection;
  await changeInterval(tx, event, { stage: "voiding" });
  const holdings = await holdingsOf(tx, event, event.page);
  await movePoolMoney(
    projection,
    holdings.map(({ account, reserveMicro }) => ({
      account,
      kind: "returned",
      margin: reserveMicro,
      escrow: -reserveMicro,
    })),
  );
}

/** An interval undone: no trade counts, all energy is billed at the tariff. */
export async function projectIntervalVoided(projection: PoolProjection<"intervalVoided">): Promise<void> {
  const { tx, event, sources } = projection;
  const { supplier } = await areaOf(tx, event.areaId);
  const interval = await intervalOf(tx, event);
  const reserve = interval.supplierReserveMicro;
  await movePoolMoney(projection, [
    { account: supplier, kind: "returned", margin: reserve, escrow: -reserve },
  ]);
  await changeInterval(tx, event, { stage: "voided", voidedAt: event.timestamp });
  const lines = (await knownReadings(tx, event)).map((reading) => ({ reading }));
  await writeBillLines(tx, { interval, tariff: sources.tariffOf(event.areaId, event.intervalId), lines });
}
