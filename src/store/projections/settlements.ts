import { and, eq, inArray } from "drizzle-orm";
import { hasBit } from "#chain/bitmap.ts";
import type { ChainEvent } from "#chain/chainEvent.ts";
import { openReadingWord } from "#evidence/meterReading.ts";
import { settlementPrices } from "#market/area.ts";
import { type AccountSettlement, settlePosition } from "#market/settlement.ts";
import { toJson } from "../factsJson.ts";
import { insertAll } from "../insertAll.ts";
import type { Queryable } from "../openStore.ts";
import type { Projection } from "../project.ts";
import { readings, settledPages } from "../schema.ts";
import { areaOf, termsOf } from "./areas.ts";
import { writeBillLines } from "./bills.ts";
import { changeInterval, intervalOf } from "./intervals.ts";
import { moveMoney } from "./movements.ts";
import { type Holding, settledHoldings } from "./positions.ts";

/** A page settled: its readings, the lines of its bills, and its money. */
export async function projectPageSettled(projection: Projection<"pageSettled">): Promise<void> {
  const { tx, event, sources } = projection;
  const area = await areaOf(tx, event.areaId);
  const interval = await intervalOf(tx, event);
  await insertPage(tx, event);
  await changeInterval(tx, event, { gridFeeMicro: interval.gridFeeMicro + event.gridFeeMicro });
  const opened = await openReadings(tx, event, interval.readingsVersion ?? 1);
  const holdings = await settledHoldings(tx, { event, area, interval });
  const prices = settlementPrices(termsOf(area), interval.localPriceMicroPerKwh ?? 0n);
  const settled = holdings.flatMap((holding) => {
    const reading = opened.get(holding.account);
    if (!reading) return [];
    const metered = { importWh: BigInt(reading.importWh), exportWh: BigInt(reading.exportWh) };
    return [{ holding, reading, settlement: settlePosition(holding, metered, prices) }];
  });
  await writeBillLines(tx, { interval, tariff: sources.tariffOf(event.intervalId), lines: settled });
  await moveMoney(tx, event, [
    ...settled.map(({ holding, settlement }) => release(holding, settlement)),
    { account: area.dso, kind: "gridFee", margin: event.gridFeeMicro },
  ]);
}

export async function projectIntervalSettled({ tx, event }: Projection<"intervalSettled">): Promise<void> {
  const { supplierMicro, remainderMicro, timestamp: settledAt } = event;
  const area = await areaOf(tx, event.areaId);
  const interval = await intervalOf(tx, event);
  await changeInterval(tx, event, { stage: "settled", settledAt, supplierMicro, remainderMicro });
  await moveMoney(tx, event, [
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

async function insertPage(tx: Queryable, event: ChainEvent<"pageSettled">): Promise<void> {
  const { areaId, intervalId, page, transactionHash, gridFeeMicro, submission, timestamp } = event;
  const shown = toJson(submission?.readings ?? null);
  await tx
    .insert(settledPages)
    .values({ areaId, intervalId, page, transactionHash, gridFeeMicro, readings: shown, timestamp });
}

type OpenedReading = ReturnType<typeof openReadingWord>;

/** The readings that the contract saw; where the archive has them too, they keep their meter and signature. */
async function openReadings(
  tx: Queryable,
  { areaId, intervalId, submission }: ChainEvent<"pageSettled">,
  version: number,
): Promise<Map<number, OpenedReading>> {
  if (submission === null) return new Map();
  const { opened, leaves } = submission.readings;
  const shown = leaves.filter((_, i) => hasBit(opened, i)).map(openReadingWord);
  const ofInterval = and(eq(readings.areaId, areaId), eq(readings.intervalId, intervalId));
  const accounts = shown.map(({ account }) => account);
  const known = await tx
    .select()
    .from(readings)
    .where(and(ofInterval, inArray(readings.account, accounts)));
  await tx.delete(readings).where(and(ofInterval, inArray(readings.account, accounts)));
  await insertAll(
    tx,
    readings,
    shown.map((reading) => {
      const signed = known.find(
        (row) =>
          row.account === reading.account &&
          row.importWh === reading.importWh &&
          row.exportWh === reading.exportWh &&
          row.proof === "published",
      );
      const { meterId = null, signature = null } = signed ?? {};
      const shownVersion = signed?.version ?? version;
      return {
        areaId,
        intervalId,
        ...reading,
        meterId,
        signature,
        version: shownVersion,
        proof: "opened" as const,
      };
    }),
  );
  return new Map(shown.map((reading) => [reading.account, reading]));
}
