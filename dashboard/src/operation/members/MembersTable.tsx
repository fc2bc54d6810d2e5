import { Link } from "@tanstack/react-router";
import type { z } from "zod";
import type { billsWire } from "#domains/billing/wire.ts";
import { MICRO_PER_CENT, roundParts, roundTable } from "#kernel/units/roundedParts.ts";
import { useNames } from "../../accounts/names.ts";
import { Energy, Money } from "../../app/parts/Amount.tsx";
import { type Column, DataTable } from "../../app/parts/DataTable.tsx";
import type { LocalDate } from "../../billing/span.ts";

type MemberBill = z.infer<typeof billsWire>["bills"][number];

/** An amount with what is written for it, so that rows and columns add up. */
type Shown = { readonly exact: bigint; readonly shown: bigint };
type Row = {
  /** Null for the total. */
  readonly account: number | null;
  readonly energies: readonly Shown[];
  readonly money: readonly Shown[];
};

/** Energy is shown in hundredths of a kWh. */
const WH_SHOWN = 10n;

const ENERGIES = ["Imported", "Exported", "From neighbours", "To neighbours"] as const;
const MONEY = ["Through the account", "By the supplier", "Still to settle", "Bill"] as const;

/** Each member's month, and all of them together; every row and every column adds up as it is shown. */
export function MembersTable({ bills, date }: { bills: readonly MemberBill[]; date: LocalDate }) {
  const nameOf = useNames();
  const columns: Column<Row>[] = [
    {
      head: "Member",
      cell: ({ account }) =>
        account === null ? (
          <strong>All {bills.length}</strong>
        ) : (
          <Link
            to="/members/$account"
            params={{ account: String(account) }}
            search={{ span: "month", at: date }}
          >
            {nameOf(account)}
          </Link>
        ),
    },
    ...ENERGIES.map(
      (head, i): Column<Row> => ({
        head,
        isNumber: true,
        isExtra: true,
        cell: ({ energies }) => <Energy wh={energies[i]?.exact ?? 0n} shown={energies[i]?.shown ?? 0n} />,
      }),
    ),
    ...MONEY.map(
      (head, i): Column<Row> => ({
        head,
        isNumber: true,
        isExtra: i < MONEY.length - 1,
        cell: ({ money }) => <Money micro={money[i]?.exact ?? 0n} shown={money[i]?.shown ?? 0n} />,
      }),
    ),
  ];
  return (
    <>
      <DataTable
        caption="Bills of all members"
        columns={columns}
        rows={rowsOf(bills)}
        keyOf={({ account }) => account ?? "all"}
        markOf={({ account }) => (account === null ? "total-row" : undefined)}
      />
      <p className="quiet small">
        Paid positive, received negative. “Still to settle” is what this month owes and a later settlement
        moves, less what was settled in this month for an earlier one.
      </p>
    </>
  );
}

/** Rows of the table, the total last. */
export function rowsOf(bills: readonly MemberBill[]): Row[] {
  const money = bills.map(({ reconciliation: of }) => [
    BigInt(of.throughAccountMicro),
    BigInt(of.bySupplierMicro),
    BigInt(of.settledLaterMicro) - BigInt(of.settledForEarlierMicro) - BigInt(of.withoutTariffMicro),
  ]);
  const exactMoney = withSums(money.map((row) => [...row, sum(row)]));
  const shownMoney = roundTable(money, MICRO_PER_CENT);
  const energies = bills.map((bill) => [
    BigInt(bill.importWh),
    BigInt(bill.exportWh),
    BigInt(bill.importWh) - BigInt(bill.gridImportWh),
    BigInt(bill.exportWh) - BigInt(bill.gridExportWh),
  ]);
  const exactEnergies = withSums(energies);
  const columns = ENERGIES.map((_, j) => {
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
  return [...rows, (rows[0] ?? []).map((_, j) => sum(rows.map((row) => row[j] ?? 0n)))];
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
