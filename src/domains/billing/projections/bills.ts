import { and, eq, inArray } from "drizzle-orm";
import { tariffMicro } from "#domains/billing/rules/bills.ts";
import { billLines } from "#domains/billing/tables.ts";
import type { IntervalRow } from "#domains/pool/projections/intervals.ts";
import type { AccountSettlement, Position } from "#market/settlement.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { TariffPrices } from "#world/households/tariff.ts";

/** What the supplier asks and pays. */
export type TariffSource = {
  /** The supplier's tariff of an interval; null when it is not known. */
  readonly tariffOf: (intervalId: number) => TariffPrices | null;
};

type MeteredAccount = { readonly account: number; readonly importWh: number; readonly exportWh: number };

/** What a line is made of: a reading, and what the account traded, if it did. */
export type BilledReading = {
  readonly reading: MeteredAccount;
  readonly holding?: Position;
  readonly settlement?: AccountSettlement;
};

/** Writes the lines of some accounts' bills for an interval, in place of those that were there. */
export async function writeBillLines(
  tx: Queryable,
  {
    interval,
    tariff,
    lines,
  }: { interval: IntervalRow; tariff: TariffPrices | null; lines: readonly BilledReading[] },
): Promise<void> {
  if (lines.length === 0) return;
  const { areaId, intervalId, startsAt } = interval;
  const accounts = lines.map(({ reading }) => reading.account);
  await tx
    .delete(billLines)
    .where(
      and(
        eq(billLines.areaId, areaId),
        eq(billLines.intervalId, intervalId),
        inArray(billLines.account, accounts),
      ),
    );
  const rows = lines.map((line) => ({ areaId, intervalId, startsAt, ...billLine(line, tariff) }));
  await insertAll(tx, billLines, rows);
}

/** One line: the market's part, and the energy beyond it at the tariff (docs/model/bills.md, R3.9). */
function billLine(
  { reading, holding = NO_POSITION, settlement = NO_SETTLEMENT }: BilledReading,
  tariff: TariffPrices | null,
) {
  const { account, importWh, exportWh } = reading;
  const { boughtWh, soldWh } = holding;
  const { shortfallWh, unconsumedWh } = settlement;
  // Settled as contracted, a position may exceed what the meter said; it is paid for, and nothing is left beyond it.
  const gridImportWh = positive(BigInt(importWh) - (positive(boughtWh - soldWh) - unconsumedWh));
  const gridExportWh = positive(BigInt(exportWh) - (positive(soldWh - boughtWh) - shortfallWh));
  return {
    account,
    importWh: BigInt(importWh),
    exportWh: BigInt(exportWh),
    boughtWh,
    soldWh,
    shortfallWh,
    unconsumedWh,
    gridImportWh,
    gridExportWh,
    paymentMicro: settlement.paymentMicro,
    shortfallMicro: settlement.shortfallMicro,
    surplusMicro: settlement.surplusMicro,
    gridFeeMicro: settlement.gridFeeMicro,
    netMicro: settlement.netMicro,
    beyondMicro: tariff && BigInt(tariffMicro(Number(gridImportWh), Number(gridExportWh), tariff)),
    tariffMicro: tariff && BigInt(tariffMicro(importWh, exportWh, tariff)),
  };
}

const NO_POSITION = { boughtWh: 0n, soldWh: 0n, exactPayment: 0n };
const NO_SETTLEMENT = {
  paymentMicro: 0n,
  shortfallWh: 0n,
  shortfallMicro: 0n,
  unconsumedWh: 0n,
  surplusMicro: 0n,
  gridFeeMicro: 0n,
  netMicro: 0n,
};

function positive(energyWh: bigint): bigint {
  return energyWh > 0n ? energyWh : 0n;
}
