import { and, eq, inArray } from "drizzle-orm";
import { writeBillLines } from "#domains/billing/projections/bills.ts";
import { type MeteredEnergy, openReadingWord } from "#domains/metering/rules/meterReading.ts";
import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import { readings } from "#domains/metering/tables.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { settlementPrices } from "#domains/pool/rules/area.ts";
import { type AccountSettlement, asContracted, settlePosition } from "#domains/pool/rules/settlement.ts";
import { settledPages } from "#domains/pool/tables.ts";
import { hasBit } from "#kernel/crypto/bitmap.ts";
import { toJson } from "#platform/store/factsJson.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { areaOf, termsOf } from "./areas.ts";
import { changeInterval, type IntervalKey, type IntervalRow, intervalOf } from "./intervals.ts";
import { movePoolMoney } from "./movePoolMoney.ts";
import type { PoolProjection } from "./poolProjection.ts";
import { type Holding, settledHoldings } from "./positions.ts";

/** A page settled: its readings, the lines of its bills, and its money. */
export async function projectPageSettled(projection: PoolProjection<"pageSettled">): Promise<void> {
  const { tx, event, sources } = projection;
  const area = await areaOf(tx, event.areaId);
  const interval = await intervalOf(tx, event);
  await insertPage(tx, event);
  const gridFeeMicro = interval.gridFeeMicro + event.gridFeeMicro;
  await changeInterval(tx, event, { stage: "settling", gridFeeMicro });
  const holdings = await settledHoldings(projection, { area, interval });
  const metered = await meteredHoldings(tx, { event, interval, holdings });
  const prices = settlementPrices(termsOf(area), interval.localPriceMicroPerKwh ?? 0n);
  const settled = metered.map(({ counted, ...line }) => ({
    ...line,
    settlement: settlePosition(line.holding, counted, prices),
  }));
  await writeBillLines(tx, { interval, tariff: sources.tariffOf(event.intervalId), lines: settled });
  await movePoolMoney(projection, [
    ...settled.map(({ holding, settlement }) => release(holding, settlement)),
    { account: area.dso, kind: "gridFee", margin: event.gridFeeMicro },
  ]);
}

export async function projectIntervalSettled(projection: PoolProjection<"intervalSettled">): Promise<void> {
  const { tx, event } = projection;
  const { supplierMicro, remainderMicro, timestamp: settledAt } = event;
  const area = await areaOf(tx, event.areaId);
  const interval = await intervalOf(tx, event);
  await changeInterval(tx, event, { stage: "settled", settledAt, supplierMicro, remainderMicro });
  await movePoolMoney(projection, [
    {
      account: area.supplier,
      kind: "supplierPaid",
      margin: supplierMicro,
      escrow: -interval.supplierReserveMicro,
    },
    { account: area.fund, kind: "remainderBooked", margin: remainderMicro },
  ]);
}

function release({ account, reserveMicro }: Holding, { netMicro }: AccountSettlement) {
  return { account, kind: "settled", margin: reserveMicro - netMicro, escrow: -reserveMicro } as const;
}

async function insertPage(tx: Queryable, event: PoolEvent<"pageSettled">): Promise<void> {
  const { areaId, intervalId, page, transactionHash, gridFeeMicro, submission, timestamp } = event;
  const shown = toJson(submission?.readings ?? null);
  await tx
    .insert(settledPages)
    .values({ areaId, intervalId, page, transactionHash, gridFeeMicro, readings: shown, timestamp });
}

/** A holding, what the meter said, and what of it the settlement counted. */
type MeteredHolding = {
  readonly holding: Holding;
  readonly reading: { readonly account: number; readonly importWh: number; readonly exportWh: number };
  readonly counted: MeteredEnergy;
};

/**
 * The holdings of a settled page with the readings that were shown. A page that `voidPage` settled had none: every
 * position counts as delivered and consumed (docs/decisions/009), whatever a reading that is known besides says.
 */
async function meteredHoldings(
  tx: Queryable,
  {
    event,
    interval,
    holdings,
  }: { event: PoolEvent<"pageSettled">; interval: IntervalRow; holdings: readonly Holding[] },
): Promise<MeteredHolding[]> {
  const { submission } = event;
  if (submission === null) return [];
  if (submission.readings === null)
    return contractedHoldings(await knownReadings(tx, event, holdings), holdings);
  const opened = await openReadings(tx, {
    key: event,
    shown: submission.readings,
    version: interval.readingsVersion ?? 1,
  });
  return holdings.flatMap((holding) => {
    const reading = opened.get(holding.account);
    if (!reading) return [];
    const counted = { importWh: BigInt(reading.importWh), exportWh: BigInt(reading.exportWh) };
    return [{ holding, reading, counted }];
  });
}

function contractedHoldings(
  known: ReadonlyMap<number, MeteredHolding["reading"]>,
  holdings: readonly Holding[],
): MeteredHolding[] {
  return holdings.map((holding) => {
    const { account } = holding;
    const counted = asContracted(holding);
    const reading = { account, importWh: Number(counted.importWh), exportWh: Number(counted.exportWh) };
    return { holding, reading: known.get(account) ?? reading, counted };
  });
}

async function knownReadings(tx: Queryable, key: IntervalKey, holdings: readonly Holding[]) {
  const accounts = holdings.map(({ account }) => account);
  const rows = await tx.select().from(readings).where(readingsOf(key, accounts));
  return new Map(rows.map((row) => [row.account, row]));
}

function readingsOf({ areaId, intervalId }: IntervalKey, accounts: number[]) {
  return and(
    eq(readings.areaId, areaId),
    eq(readings.intervalId, intervalId),
    inArray(readings.account, accounts),
  );
}

type OpenedReading = ReturnType<typeof openReadingWord>;

/**
 * The readings that the contract saw. Those that the archive has too only change their proof, and keep their meter and
 * signature; another reading than the one that was shown makes room for it.
 */
async function openReadings(
  tx: Queryable,
  { key, shown, version }: { key: IntervalKey; shown: ShownReadings; version: number },
): Promise<Map<number, OpenedReading>> {
  const { areaId, intervalId } = key;
  const opened = shown.leaves.filter((_, i) => hasBit(shown.opened, i)).map(openReadingWord);
  const known = await tx
    .select()
    .from(readings)
    .where(readingsOf(key, opened.map(accountOf)));
  const published = new Map(
    known.filter(({ proof }) => proof === "published").map((row) => [row.account, row]),
  );
  const isKnown = (reading: OpenedReading) => isSame(reading, published.get(reading.account));
  const [same, others] = [opened.filter(isKnown), opened.filter((reading) => !isKnown(reading))];
  if (same.length > 0)
    await tx
      .update(readings)
      .set({ proof: "opened" })
      .where(readingsOf(key, same.map(accountOf)));
  if (others.length > 0) await tx.delete(readings).where(readingsOf(key, others.map(accountOf)));
  await insertAll(
    tx,
    readings,
    others.map((reading) => ({ areaId, intervalId, ...reading, ...UNSIGNED, version })),
  );
  return new Map(opened.map((reading) => [reading.account, reading]));
}

/** A reading that the chain shows without its device's signature. */
const UNSIGNED = { meterId: null, signature: null, proof: "opened" as const };

function accountOf({ account }: { readonly account: number }): number {
  return account;
}

function isSame(reading: OpenedReading, row: typeof readings.$inferSelect | undefined): boolean {
  return row?.importWh === reading.importWh && row.exportWh === reading.exportWh;
}
