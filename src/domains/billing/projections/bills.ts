import { beyondMicro, gridEnergy, type LocalEnergy } from "#domains/billing/rules/billLine.ts";
import { type TariffPrices, tariffMicro } from "#domains/billing/rules/tariff.ts";
import { billLines } from "#domains/billing/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { replaceRows, rowsOf } from "#platform/store/workingSet.ts";

/** What the supplier asks and pays. */
export type TariffSource = {
  /** The supplier's tariff of an interval; null when it is not known. */
  readonly tariffOf: (areaId: number, intervalId: number) => TariffPrices | null;
};

/** The interval of a line or a charge. */
export type BilledInterval = IntervalPlace & { readonly startsAt: number };

type MeteredMember = {
  readonly member: number;
  readonly account: number;
  readonly importWh: number;
  readonly exportWh: number;
};

/** What a line is made of: a reading, and what of it markets delivered, if they did; or that no reading came in time. */
export type BilledReading = {
  readonly reading: MeteredMember;
  readonly isReadingMissing?: boolean;
  readonly local?: LocalEnergy;
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
  const members = new Set(lines.map(({ reading }) => reading.member));
  await replaceRows(tx, billLines, interval, {
    members: [...members],
    isReplaced: ({ member }) => members.has(member),
    by: lines.map((line) => ({ areaId, intervalId, startsAt, ...lineRow(line, tariff) })),
  });
}

/** Lines that were settled without a reading, with the one that came after: the settlement and its charges stand. */
export async function withLateReadings(
  tx: Queryable,
  place: IntervalPlace,
  readings: readonly MeteredMember[],
): Promise<BilledReading[]> {
  const missed = (await rowsOf(tx, billLines, place)).filter(({ isReadingMissing }) => isReadingMissing);
  return missed.flatMap((line): BilledReading[] => {
    const reading = readings.find(({ member }) => member === line.member);
    return reading ? [{ reading, isReadingMissing: true }] : [];
  });
}

/** One line: what the meter said, and the energy beyond markets at the tariff (docs/model/bills.md, R3.9). */
function lineRow(
  { reading, isReadingMissing = false, local = NOTHING_LOCAL }: BilledReading,
  tariff: TariffPrices | null,
) {
  const { member, account, importWh, exportWh } = reading;
  const grid = gridEnergy(reading, local);
  return {
    member,
    account,
    importWh: BigInt(importWh),
    exportWh: BigInt(exportWh),
    gridImportWh: BigInt(grid.gridImportWh),
    gridExportWh: BigInt(grid.gridExportWh),
    beyondMicro: tariff && BigInt(beyondMicro(grid, tariff)),
    tariffMicro: tariff && BigInt(tariffMicro(importWh, exportWh, tariff)),
    isReadingMissing,
  };
}

const NOTHING_LOCAL: LocalEnergy = { consumedWh: 0, deliveredWh: 0 };
