import { writeBillLines } from "#domains/billing/projections/bills.ts";
import { writeGridFee } from "#domains/billing/projections/gridFees.ts";
import { knownReadings } from "#domains/metering/projections/readings.ts";
import { GRID_FEE } from "#domains/pool/rules/poolCharges.ts";
import { changeInterval, type IntervalRow, intervalOf, resetInterval } from "./intervals.ts";
import { movePoolMoney } from "./movePoolMoney.ts";
import { forgetSubmission } from "./orderRows.ts";
import type { PoolProjection } from "./poolProjection.ts";
import { holdingsOf, takeHoldings } from "./positions.ts";

/**
 * A clearing under way was given up: the supplier's reserve goes back at once, what members reserved page by page. The
 * interval collects again, for the next attempt.
 */
export async function projectClearingAbandoned(
  projection: PoolProjection<"clearingAbandoned">,
): Promise<void> {
  const { tx, event } = projection;
  await returnSupply(projection, await intervalOf(tx, event));
  await forgetSubmission(tx, event);
  await resetInterval(tx, event, { attempt: event.attempt + 1, abandonedAt: event.timestamp });
}

/** A page given back: reserves return to the margins they came from. Of a clearing that was given up nothing stays. */
export async function projectPageReturned(projection: PoolProjection<"pageReturned">): Promise<void> {
  const { tx, event } = projection;
  const isCurrent = (await intervalOf(tx, event)).attempt === event.attempt;
  const holdings = await (isCurrent ? holdingsOf : takeHoldings)(tx, event);
  await movePoolMoney(
    projection,
    holdings.map(({ member, reserveMicro }) => ({
      member,
      kind: "returned",
      margin: reserveMicro,
      escrow: -reserveMicro,
    })),
  );
  if (isCurrent) await changeInterval(tx, event, { stage: "returning" });
}

/** An interval undone: no trade counts, all energy is billed at the tariff. Of an attempt before, all was said already. */
export async function projectIntervalReturned(projection: PoolProjection<"intervalReturned">): Promise<void> {
  const { tx, event, sources } = projection;
  const interval = await intervalOf(tx, event);
  if (interval.attempt !== event.attempt) return;
  await returnSupply(projection, interval);
  await changeInterval(tx, event, { stage: "returned", returnedAt: event.timestamp });
  await writeGridFee(tx, interval, { kind: GRID_FEE, amountMicro: interval.gridFeeMicro });
  const lines = (await knownReadings(tx, event)).map((reading) => ({ reading }));
  await writeBillLines(tx, { interval, tariff: sources.tariffOf(event.areaId, event.intervalId), lines });
}

async function returnSupply(
  projection: PoolProjection<"clearingAbandoned" | "intervalReturned">,
  { supplier, supplierReserveMicro: reserve }: IntervalRow,
): Promise<void> {
  if (supplier === null) return;
  await movePoolMoney(projection, [
    { member: supplier, kind: "returned", margin: reserve, escrow: -reserve },
  ]);
}
