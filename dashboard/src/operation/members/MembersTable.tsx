import { Link } from "@tanstack/react-router";
import { useNames } from "../../accounts/names.ts";
import { Energy, Money } from "../../app/parts/Amount.tsx";
import { type Column, DataTable } from "../../app/parts/DataTable.tsx";
import type { LocalDate } from "../../billing/span.ts";
import { type MemberBill, type MemberRow, memberRows } from "./memberRows.ts";

const ENERGIES = ["Imported", "Exported", "From neighbours", "To neighbours"] as const;
const MONEY = ["Through the account", "By the supplier", "Still to settle", "Bill"] as const;

/** Each member's month, and all of them together; every row and every column adds up as it is shown. */
export function MembersTable({ bills, date }: { bills: readonly MemberBill[]; date: LocalDate }) {
  const nameOf = useNames();
  const columns: Column<MemberRow>[] = [
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
      (head, i): Column<MemberRow> => ({
        head,
        isNumber: true,
        isExtra: true,
        cell: ({ energies }) => <Energy wh={energies[i]?.exact ?? 0n} shown={energies[i]?.shown ?? 0n} />,
      }),
    ),
    ...MONEY.map(
      (head, i): Column<MemberRow> => ({
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
        rows={memberRows(bills)}
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
