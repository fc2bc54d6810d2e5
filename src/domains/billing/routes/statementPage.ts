import { createHash } from "node:crypto";
import type { BillView, PeriodSpan } from "#domains/billing/queries/bills.ts";
import type { Reconciliation } from "#domains/billing/rules/reconciliation.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { moneyWords } from "#kernel/units/moneyWords.ts";
import { dateTimeText, dayText, monthNumberText, monthText } from "#platform/api/localTime.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { BillingContext } from "./billingContext.ts";
import { explainBill } from "./explainBill.ts";
import { accountSection, moneySection, type StatementAccount } from "./statementMoney.ts";
import { STATEMENT_STYLE } from "./statementStyle.ts";
import { escapeHtml, exact, exactKwh, headRow, row } from "./statementTable.ts";

/** A day of the month with a line, and in each area the intervals from its first line to its last. */
export type StatementDay = {
  readonly from: number;
  readonly to: number;
  readonly bill: BillView;
  readonly intervals: readonly Omit<PeriodSpan, "period">[];
};

/** Levies within what the supplier asks in a community, micro, on the energy from the grid there. */
export type StatementLevy = {
  readonly community: string;
  readonly microPerKwh: bigint;
  readonly energyWh: bigint;
  readonly amountMicro: bigint;
};

/** What a monthly statement shows. Names may be any text. Times in unix seconds, `[from, to)` is the month. */
export type StatementView = {
  readonly communities: readonly string[];
  /** Addresses that operate them, which issue the statement. */
  readonly operators: readonly string[];
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
  readonly reconciliation: Reconciliation;
  readonly levies: readonly StatementLevy[];
  readonly money: StatementAccount;
  readonly deployment: Deployment;
  readonly explainCharge: BillingContext["explainCharge"];
  readonly movementWords: BillingContext["movementWords"];
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
  const title = `Statement ${monthText(middleOf(view), view.timeZone)} · ${whoseOf(view)}`;
  return `${pageHead(title)}${statementBody(view)}${PAGE_END}`;
}

/** How such a page begins and ends, as the documentation shows it. */
export const STATEMENT_EXAMPLE = '<!doctype html><html lang="en">…</html>';

/** The head of a page of statements; `title` may be any text. */
export function pageHead(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STATEMENT_STYLE}</style>
</head>
<body>
`;
}

/** The end of a page of statements. */
export const PAGE_END = `<footer><p>A trade settles who is credited with locally generated energy, and the money for it. The electricity itself
flows over the common grid: nobody receives particular electrons.</p></footer>
</body>
</html>
`;

/** One statement within a page; on paper each begins on a sheet of its own. */
export function statementBody(view: StatementView): string {
  return `<article>
<header>
<p>${view.communities.map(escapeHtml).join(", ")}</p>
<h1>Statement for ${monthText(middleOf(view), view.timeZone)}</h1>
<dl>
<dt>Participant</dt><dd>${escapeHtml(whoseOf(view))}</dd>
<dt>Account</dt><dd>${view.account} <code>${escapeHtml(view.owner)}</code></dd>
<dt>Issuer</dt><dd>${issuerText(view)}</dd>
<dt>Number</dt><dd>${numberOf(view)}</dd>
<dt>Period</dt><dd>${periodText(view)}</dd>
<dt>Currency</dt><dd>${escapeHtml(view.currency)}, exact to a millionth</dd>
</dl>
</header>
<div class="parts">
${summarySection(view)}
${moneySection(view.reconciliation, view.currency)}
${daySection(view)}
${accountSection(view.money, view)}
${checkSection(view)}
</div>
</article>
`;
}

function whoseOf({ name, account }: StatementView): string {
  return name ?? `Account ${account}`;
}

/** The same for the same month of an account, whenever it is made: chain, account, month. */
function numberOf({ deployment, account, from, to, timeZone }: StatementView): string {
  return `${deployment.chainId}-${account}-${monthNumberText(middleOf({ from, to }), timeZone)}`;
}

function issuerText({ communities, operators }: StatementView): string {
  const who = operators.map((operator) => `<code>${escapeHtml(operator)}</code>`).join(", ");
  return `the operator of ${communities.map(escapeHtml).join(", ")}${who === "" ? "" : ` ${who}`}`;
}

/** The month's name, whatever the offset at its ends. */
function middleOf({ from, to }: Pick<StatementView, "from" | "to">): number {
  return (from + to) / 2;
}

function periodText({ from, to, now, timeZone }: StatementView): string {
  const ends = dateTimeText(to, timeZone);
  const isOver = now >= to;
  const state = isOver ? "" : `, as known on ${dateTimeText(now, timeZone)} of the market's clock`;
  return `${dateTimeText(from, timeZone)} to ${ends} (${escapeHtml(timeZone)})${state}`;
}

function summarySection({ bill, currency, explainCharge, levies }: StatementView): string {
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
    .map(([what, energyWh, micro]) => row([what, energyWh === null ? "" : exactKwh(energyWh), exact(micro)]))
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
${leviesText(levies, currency)}<p class="quiet">Negative amounts are received. In an interval with energy from and to the grid, the amount is what was left
of both.</p></section>`;
}

/** What of the supplier's price is levies; nothing where its parts are not known. */
function leviesText(levies: readonly StatementLevy[], currency: string): string {
  const { money, price } = moneyWords(currency);
  return levies
    .map(
      ({ community, microPerKwh, energyWh, amountMicro }) =>
        `<p class="tax">Taxes and levies within the amount from the grid (${escapeHtml(community)}): ${price(microPerKwh)} per kWh on ${formatKwh(energyWh)} kWh, <strong>${money(amountMicro)}</strong>.</p>\n`,
    )
    .join("");
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
    return `<tr><td><a href="${lines}">${dayText(day.from, timeZone)}</a></td><td>${exactKwh(day.bill.importWh)}</td><td>${exactKwh(
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
