import { and, eq, inArray } from "drizzle-orm";
import { beyondMicro, billLine } from "#domains/billing/rules/billLine.ts";
import { type TariffPrices, tariffMicro } from "#domains/billing/rules/tariff.ts";
import { billLines } from "#domains/billing/tables.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";

/** What the supplier asks and pays. */
export type TariffSource = {
  /** The supplier's tariff of an interval; null when it is not known. */
  readonly tariffOf: (areaId: number, intervalId: number) => TariffPrices | null;
};

/** What a member bought and sold in a market, Wh. */
type TradedEnergy = { readonly boughtWh: bigint; readonly soldWh: bigint };

/** What a market's settlement came to for a member. Money in micro, a positive amount is paid by the member. */
type SettledTrades = {
  readonly paymentMicro: bigint;
  readonly shortfallWh: bigint;
  readonly shortfallMicro: bigint;
  readonly unconsumedWh: bigint;
  readonly surplusMicro: bigint;
  readonly gridFeeMicro: bigint;
  readonly netMicro: bigint;
};

/** The interval of a line. */
type BilledInterval = IntervalPlace & { readonly startsAt: number };

type MeteredMember = {
  readonly member: number;
  readonly account: number;
  readonly importWh: number;
  readonly exportWh: number;
};

/** What a line is made of: a reading, and what the member traded, if it did; or that no reading came in time. */
export type BilledReading = {
  readonly reading: MeteredMember;
  readonly isReadingMissing?: boolean;
  readonly holding?: TradedEnergy;
  readonly settlement?: SettledTrades;
};

/** Writes the lines of some members' bills for an interval, in place of those that were there. */
export async function writeBillLines(
  tx: Queryable,
  {
    interval,
    tariff,
    lines,
  }: { interval: BilledInterval; tariff: TariffPrices | null; lines: readonly BilledReading[] },
): Promise<void> {
  if (lines.length === 0) return;
  const { areaId, intervalId, startsAt } = interval;
  const members = lines.map(({ reading }) => reading.member);
  await tx
    .delete(billLines)
    .where(
      and(
        eq(billLines.areaId, areaId),
        eq(billLines.intervalId, intervalId),
        inArray(billLines.member, members),
      ),
    );
  const rows = lines.map((line) => ({ areaId, intervalId, startsAt, ...lineRow(line, tariff) }));
  await insertAll(tx, billLines, rows);
}

/** Lines that were settled without a reading, with the one that came after: the settlement stands. */
export async function withLateReadings(
  tx: Queryable,
  { areaId, intervalId }: IntervalPlace,
  readings: readonly MeteredMember[],
): Promise<BilledReading[]> {
  const missed = await tx
    .select()
    .from(billLines)
    .where(
      and(
        eq(billLines.areaId, areaId),
        eq(billLines.intervalId, intervalId),
        eq(billLines.isReadingMissing, true),
      ),
    );
  return missed.flatMap((line): BilledReading[] => {
    const reading = readings.find(({ member }) => member === line.member);
    return reading ? [{ reading, holding: line, settlement: line, isReadingMissing: true }] : [];
  });
}

/** One line: the market's part, and the energy beyond it at the tariff (docs/model/bills.md, R3.9). */
function lineRow(
  { reading, isReadingMissing = false, holding = NO_POSITION, settlement = NO_SETTLEMENT }: BilledReading,
  tariff: TariffPrices | null,
) {
  const { member, account, importWh, exportWh } = reading;
  const { boughtWh, soldWh } = holding;
  const { paymentMicro, shortfallMicro, surplusMicro, gridFeeMicro, netMicro } = settlement;
  const { shortfallWh, unconsumedWh } = settlement;
  const line = billLine({
    importWh,
    exportWh,
    boughtWh: Number(boughtWh),
    soldWh: Number(soldWh),
    shortfallWh: Number(shortfallWh),
    unconsumedWh: Number(unconsumedWh),
  });
  return {
    member,
    account,
    importWh: BigInt(importWh),
    exportWh: BigInt(exportWh),
    boughtWh,
    soldWh,
    shortfallWh,
    unconsumedWh,
    gridImportWh: BigInt(line.gridImportWh),
    gridExportWh: BigInt(line.gridExportWh),
    paymentMicro,
    shortfallMicro,
    surplusMicro,
    gridFeeMicro,
    netMicro,
    beyondMicro: tariff && BigInt(beyondMicro(line, tariff)),
    tariffMicro: tariff && BigInt(tariffMicro(importWh, exportWh, tariff)),
    isReadingMissing,
  };
}

const NO_POSITION = { boughtWh: 0n, soldWh: 0n };
const NO_SETTLEMENT = {
  paymentMicro: 0n,
  shortfallWh: 0n,
  shortfallMicro: 0n,
  unconsumedWh: 0n,
  surplusMicro: 0n,
  gridFeeMicro: 0n,
  netMicro: 0n,
};
