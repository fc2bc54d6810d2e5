import type { z } from "zod";
import type { billsWire } from "#domains/billing/wire.ts";
import { MICRO_PER_CENT, roundParts, roundTable } from "#kernel/units/roundedParts.ts";
import { sumOf } from "#kernel/units/sums.ts";

export type MemberBill = z.infer<typeof billsWire>["bills"][number];

/** An amount with what is written for it, so that rows and columns add up. */
type Shown = { readonly exact: bigint; readonly shown: bigint };
/** A member's month, or that of all together. */
export type MemberRow = {
  /** Null for the total. */
  readonly account: number | null;
  readonly energies: readonly Shown[];
  readonly money: readonly Shown[];
};

/** Energy is shown in hundredths of a kWh. */
const WH_SHOWN = 10n;

/**
 * Rows of the table, the total last: energies imported, exported, from and to neighbours, whose columns add up as they are
 * shown; money through the account, by the supplier, still to settle, and the bill, whose rows do as well.
 */
export function memberRows(bills: readonly MemberBill[]): MemberRow[] {
  const money = bills.map(({ reconciliation: of }) => [
    BigInt(of.throughAccountMicro),
    BigInt(of.bySupplierMicro),
    BigInt(of.settledLaterMicro) - BigInt(of.settledForEarlierMicro) - BigInt(of.withoutTariffMicro),
  ]);
  const exactMoney = withSums(money.map((row) => [...row, sumOf(row)]));
  const shownMoney = roundTable(money, MICRO_PER_CENT);
  const energies = bills.map((bill) => [
    BigInt(bill.importWh),
    BigInt(bill.exportWh),
    BigInt(bill.importWh) - BigInt(bill.gridImportWh),
    BigInt(bill.exportWh) - BigInt(bill.gridExportWh),
  ]);
  const exactEnergies = withSums(energies);
  const columns = (exactEnergies[0] ?? []).map((_, j) => {
    const { parts, total } = roundParts(
      energies.map((row) => row[j] ?? 0n),
      { unit: WH_SHOWN },
    );
    return [...parts, total];
  });
  return exactMoney.map((row, i) => ({
    account: bills[i]?.account ?? null,
    money: row.map((exact, j) => ({ exact, shown: shownMoney[i]?.[j] ?? exact })),
    energies: (exactEnergies[i] ?? []).map((exact, j) => ({ exact, shown: columns[j]?.[i] ?? exact })),
  }));
}

function withSums(rows: readonly (readonly bigint[])[]): (readonly bigint[])[] {
  return [...rows, (rows[0] ?? []).map((_, j) => sumOf(rows.map((row) => row[j] ?? 0n)))];
}
