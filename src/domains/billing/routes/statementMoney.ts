import type { BalanceChange } from "#domains/accounts/queries/movements.ts";
import type { MovementKind } from "#domains/accounts/tables.ts";
import { linesOfReconciliation, type Reconciliation } from "#domains/billing/rules/reconciliation.ts";
import { escapeHtml, exact, headRow, row } from "./statementTable.ts";

/**
 * The money of an account over a month. An operator who sees some of its areas only sees what lies in margins there: the free
 * balance belongs to no area.
 *
 * @property scope the areas that it is of, in words; null where it is the whole account
 */
export type StatementAccount = {
  readonly scope: string | null;
  readonly opening: BalanceChange;
  readonly closing: BalanceChange;
  readonly movements: readonly (BalanceChange & { readonly kind: MovementKind; readonly count: number })[];
};

/** The total of the bill, and in whose hands its money is. */
export function moneySection(money: Reconciliation, currency: string): string {
  const lines = linesOfReconciliation(money).map(({ words, micro }) =>
    row([escapeHtml(words.charAt(0).toUpperCase() + words.slice(1)), exact(micro)]),
  );
  const total = money.totalMicro < 0n ? "Received in all" : "Paid in all";
  return `<section><h2>Where the money goes</h2>
<table>
<thead>${headRow(["", escapeHtml(currency)])}</thead>
<tbody>${lines.join("\n")}</tbody>
<tfoot>${row([total, exact(money.totalMicro)])}</tfoot>
</table></section>`;
}

/** What the account had, what came and went by its cause, and what it has. */
export function accountSection(
  account: StatementAccount,
  {
    currency,
    movementWords,
  }: { readonly currency: string; readonly movementWords: (kind: string) => string },
): string {
  const { scope, opening, closing, movements } = account;
  const columns = scope === null ? WHOLE_ACCOUNT : MARGINS_ALONE;
  const balance = (what: string, change: BalanceChange, tag: "td" | "th") =>
    row([what, ...columns.map(({ of }) => exact(of(change)))], tag);
  const body = movements.map((movement) =>
    balance(`${movementWords(movement.kind)} (${movement.count})`, movement, "td"),
  );
  const note = scope === null ? "" : `<p class="quiet">Margins in ${escapeHtml(scope)} alone.</p>\n`;
  return `<section><h2>Account in ${escapeHtml(currency)}</h2>
${note}<table>
<thead>${headRow(["", ...columns.map(({ head }) => head)])}</thead>
<tbody>
${balance("Opening balance", opening, "th")}
${body.join("\n")}
${balance("Closing balance", closing, "th")}
</tbody>
</table></section>`;
}

type Column = { readonly head: string; readonly of: (change: BalanceChange) => bigint };

const MARGIN: Column = { head: "Margin", of: ({ marginMicro }) => marginMicro };
const RESERVED: Column = { head: "Reserved", of: ({ escrowMicro }) => escrowMicro };
const WHOLE_ACCOUNT: readonly Column[] = [
  { head: "Free", of: ({ freeMicro }) => freeMicro },
  MARGIN,
  RESERVED,
  {
    head: "In all",
    of: ({ freeMicro, marginMicro, escrowMicro }) => freeMicro + marginMicro + escrowMicro,
  },
];
const MARGINS_ALONE: readonly Column[] = [
  MARGIN,
  RESERVED,
  { head: "In all", of: ({ marginMicro, escrowMicro }) => marginMicro + escrowMicro },
];
