import { createHash } from "node:crypto";
import type { BalanceChange } from "#domains/accounts/queries/movements.ts";
import { movementWords } from "#domains/accounts/rules/movementWords.ts";
import type { MovementKind } from "#domains/accounts/tables.ts";
import type { BillView, PeriodSpan } from "#domains/billing/queries/bills.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { formatMicro } from "#kernel/units/money.ts";
import { dateTimeText, dayText, monthText } from "#platform/api/localTime.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { BillingContext } from "./billingContext.ts";
import { explainBill } from "./explainBill.ts";
import { STATEMENT_STYLE } from "./statementStyle.ts";

/** A day of the month with a line, and in each area the intervals from its first line to its last. */
export type StatementDay = {
  readonly from: number;
  readonly to: number;
  readonly bill: BillView;
  readonly intervals: readonly Omit<PeriodSpan, "period">[];
};

/** What a monthly statement shows. Names may be any text. Times in unix seconds, `[from, to)` is the month. */
export type StatementView = {
  readonly communities: readonly string[];
  readonly account: number;
  readonly owner: string;
  readonly name: string | null;
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly timeZone: string;
  readonly currency: string;
  readonly bill: BillView | null;
  readonly days: readonly StatementDay[];
  readonly opening: BalanceChange;
  readonly closing: BalanceChange;
  readonly movements: readonly (BalanceChange & { readonly kind: MovementKind; readonly count: number })[];
  readonly deployment: Deployment;
  readonly explainCharge: BillingContext["explainCharge"];
};

/** The page needs its own style and nothing else: no script, no picture, no form. */
export const STATEMENT_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STATEMENT_STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A monthly statement as a page that prints on A4 and can be kept as one file. */
export function renderStatement(view: StatementView): string {
  const month = monthText(middleOf(view), view.timeZone);
  const whose = escapeHtml(view.name ?? `Account ${view.account}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Statement ${month} · ${whose}</title>
<style>${STATEMENT_STYLE}</style>
</head>
<body>
<header>
<p>${view.communities.map(escapeHtml).join(", ")}</p>
<h1>Statement for ${month}</h1>
<dl>
<dt>Participant</dt><dd>${whose}</dd>
<dt>Account</dt><dd>${view.account} <code>${escapeHtml(view.owner)}</code></dd>
<dt>Time</dt><dd>${periodText(view)}</dd>
<dt>Currency</dt><dd>${escapeHtml(view.currency)}, exact to a millionth</dd>
</dl>
</header>
<main>
${summarySection(view)}
${daySection(view)}
${accountSection(view)}
${checkSection(view)}
</main>
<footer><p>A trade settles who is credited with locally generated energy, and the money for it. The electricity itself
flows over the common grid: nobody receives particular electrons.</p></footer>
</body>
</html>
`;
}

/** The month's name, whatever the offset at its ends. */
function middleOf({ from, to }: StatementView): number {
  return (from + to) / 2;
}

function periodText({ from, to, now, timeZone }: StatementView): string {
  const ends = dateTimeText(to, timeZone);
  const isOver = now >= to;
  const state = isOver ? "" : `, as known on ${dateTimeText(now, timeZone)} of the market's clock`;
  return `${dateTimeText(from, timeZone)} to ${ends} (${escapeHtml(timeZone)})${state}`;
}

function summarySection({ bill, currency, explainCharge }: StatementView): string {
  if (bill === null)
    return "<section><h2>Energy and money</h2><p>No energy was metered in this month.</p></section>";
  const rows: readonly StatementRow[] = [
    ...bill.charges.map((charge): StatementRow => {
      const { energyWh, amountMicro } = charge;
      return [capitalized(escapeHtml(explainCharge(charge))), energyWh && absolute(energyWh), amountMicro];
    }),
    ["From the grid, at the tariff", bill.gridImportWh, bill.gridMicro],
    ["To the grid, at the tariff", bill.gridExportWh, -bill.feedInMicro],
  ];
  const body = rows
    .map(([what, energyWh, micro]) => row([what, energyWh === null ? "" : formatKwh(energyWh), exact(micro)]))
    .join("\n");
  const total = bill.marketBillMicro;
  return `<section><h2>Energy and money</h2>
<p class="lead">${escapeHtml(explainBill(bill, currency))}</p>
<table>
<thead>${headRow(["", "kWh", escapeHtml(currency)])}</thead>
<tbody>${body}</tbody>
<tfoot>
${row([total < 0n ? "Received in all" : "Paid in all", "", exact(total)])}
${row(["The same energy at the tariff alone", "", exact(bill.tariffBillMicro)])}
${row(["Saving", "", exact(bill.savingMicro)])}
</tfoot>
</table>
<p class="quiet">Negative amounts are received. In an interval with energy from and to the grid, the amount is what was left
of both.</p></section>`;
}

/** What it is for, as safe HTML; its energy, whichever way it went; what is owed. */
type StatementRow = readonly [what: string, energyWh: bigint | null, micro: bigint];

function absolute(energyWh: bigint): bigint {
  return energyWh < 0n ? -energyWh : energyWh;
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function daySection({ days, account, timeZone, currency }: StatementView): string {
  if (days.length === 0) return "";
  const body = days.map((day) => {
    const lines = `/v1/participants/${account}/bill.csv?from=${day.from}&amp;to=${day.to}`;
    return `<tr><td><a href="${lines}">${dayText(day.from, timeZone)}</a></td><td>${formatKwh(day.bill.importWh)}</td><td>${formatKwh(
      day.bill.exportWh,
    )}</td><td>${exact(day.bill.marketBillMicro)}</td><td class="text">${escapeHtml(explainBill(day.bill, currency))}</td></tr>`;
  });
  return `<section><h2>Day by day</h2>
<table class="days">
<thead>${headRow(["Day", "Import kWh", "Export kWh", escapeHtml(currency), "Reason"])}</thead>
<tbody>${body.join("\n")}</tbody>
</table>
<p class="quiet">Each day leads to its lines, each with its own reason.</p></section>`;
}

function accountSection({ opening, closing, movements, currency }: StatementView): string {
  const balance = (what: string, { freeMicro, marginMicro, escrowMicro }: BalanceChange, tag: "td" | "th") =>
    row([what, ...[freeMicro, marginMicro, escrowMicro].map(exact)], tag);
  const body = movements.map((movement) =>
    balance(`${movementWords(movement.kind)} (${movement.count})`, movement, "td"),
  );
  return `<section><h2>Account in ${escapeHtml(currency)}</h2>
<table>
<thead>${headRow(["", "Free", "Margin", "Reserved"])}</thead>
<tbody>
${balance("Opening balance", opening, "th")}
${body.join("\n")}
${balance("Closing balance", closing, "th")}
</tbody>
</table></section>`;
}

function checkSection({ deployment, days, account, timeZone }: StatementView): string {
  const contracts = [
    ["Chain id", String(deployment.chainId)],
    ["Pool market", addressOf(deployment, "poolMarket")],
    ["Clearing house", addressOf(deployment, "clearingHouse")],
    ["Meter ledger", addressOf(deployment, "meterLedger")],
    ["Participant registry", addressOf(deployment, "registry")],
    ["Area registry", addressOf(deployment, "areaRegistry")],
    ["Token", addressOf(deployment, "token")],
  ].map(([what = "", value = ""]) => `<dt>${what}</dt><dd><code>${escapeHtml(value)}</code></dd>`);
  const roots = days.flatMap(({ from, intervals }) =>
    intervals.map(
      ({ areaId, first, last }) =>
        `<li>${dayText(from, timeZone)}: ${evidenceLink(areaId, first)} to ${evidenceLink(areaId, last)}</li>`,
    ),
  );
  const rootList =
    roots.length === 0
      ? ""
      : `<p>Evidence of the intervals, first and last of each day:</p><ul class="roots">${roots.join("\n")}</ul>`;
  return `<section><h2>How to check this</h2>
<p>All of it follows from the chain. Each interval has a root over its whole book of orders and one over its signed meter
readings; <a href="/v1/participants/${account}/bill.csv">every line of the bill</a> names both. The evidence of an interval
holds orders, signatures, readings and proofs, and <code>commonwatt audit</code> replays the chain and compares every figure.</p>
<dl>${contracts.join("\n")}</dl>
${rootList}</section>`;
}

function evidenceLink(areaId: number, intervalId: number): string {
  return `<a href="/v1/intervals/${areaId}/${intervalId}/evidence">${intervalId}</a>`;
}

/** Cells are safe HTML. */
function row(cells: readonly string[], tag: "td" | "th" = "td"): string {
  return `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
}

function headRow(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => (cell === "" ? "<td></td>" : `<th scope="col">${cell}</th>`)).join("")}</tr>`;
}

/** All digits, so that the columns add up. */
const MICRO_DECIMALS = 6;

function exact(micro: bigint): string {
  return formatMicro(micro, MICRO_DECIMALS);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
