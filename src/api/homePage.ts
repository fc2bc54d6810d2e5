import type { BillView } from "#store/queries/bills.ts";
import type { IntervalView } from "#store/queries/intervals.ts";
import type { Summary } from "#store/queries/summary.ts";
import type { TradeView } from "#store/queries/trades.ts";
import { formatMicro } from "#units/money.ts";

/** What the page shows. Names of accounts may be any text. */
export type HomeView = {
  readonly now: number;
  readonly areaNames: ReadonlyMap<number, string>;
  readonly accountNames: ReadonlyMap<number, string>;
  /** IANA zone of the times shown. */
  readonly timeZone: string;
  readonly intervals: readonly IntervalView[];
  readonly trades: readonly TradeView[];
  readonly bills: readonly BillView[];
  readonly summary: Summary;
};

const REFRESH_SECONDS = 5;
const WH_PER_KWH = 1_000;

/** The page at `/`: last intervals, their trades, bills so far. It needs no script. */
export function renderHomePage(view: HomeView): string {
  const { summary } = view;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<title>Commonwatt</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>
<h1>Commonwatt</h1>
<p>${[...view.areaNames.values()].map(escapeHtml).join("<br>")}</p>
<p>${timeText(view.now, view)} (${escapeHtml(view.timeZone)}) on the market's clock:
${summary.settledIntervals} intervals settled, ${kwh(summary.clearedWh)} kWh traded in ${summary.trades} trades,
${formatMicro(savedBy(view.bills))} saved against the tariff, ${formatMicro(summary.gridFeeMicro)} of grid fees paid,
${summary.transactions} transactions.</p>
<p class="quiet"><a href="/docs">API</a> · <a href="/v1/prices">prices</a> · <a href="/ready">status</a> ·
<a href="/metrics">metrics</a> · reloads every ${REFRESH_SECONDS} s</p>
</header>
<main>
<section><h2>Last intervals</h2>${intervalTable(view)}</section>
<section><h2>Bills so far</h2>${billTable(view)}</section>
<section><h2>Last trades</h2>${tradeTable(view)}</section>
</main>
<footer><p>A trade settles who is credited with locally generated energy, and the money for it. The electricity itself
flows over the common grid: nobody receives particular electrons.</p></footer>
</body>
</html>
`;
}

/** The area has a column of its own only where there are several. */
function intervalTable(view: HomeView): string {
  const { intervals, areaNames } = view;
  const showsArea = areaNames.size > 1;
  const area = (name: string) => (showsArea ? [name] : []);
  return table({
    head: ["Interval", ...area("Area"), "Status", "Price per kWh", "Cleared kWh", "Orders", "Trades", "Gas"],
    rows: intervals.map((interval) => [
      timeText(interval.startsAt, view),
      ...area(escapeHtml(areaNames.get(interval.areaId) ?? `area ${interval.areaId}`)),
      interval.stage,
      interval.trades === 0 ? "–" : formatMicro(interval.localPriceMicroPerKwh ?? 0n),
      kwh(interval.clearedWh),
      String(interval.orders),
      String(interval.trades),
      interval.gasUsed.toLocaleString("en"),
    ]),
    empty: "No interval has been cleared yet.",
  });
}

function savedBy(bills: readonly BillView[]): bigint {
  return bills.reduce((sum, { savingMicro }) => sum + savingMicro, 0n);
}

function tradeTable({ trades, accountNames }: HomeView): string {
  return table({
    head: ["Buyer", "Seller", "kWh", "Price per kWh"],
    rows: trades.map(({ buyer, seller, energyWh, priceMicroPerKwh }) => [
      nameOf(buyer, accountNames),
      nameOf(seller, accountNames),
      kwh(BigInt(energyWh)),
      formatMicro(BigInt(priceMicroPerKwh)),
    ]),
    empty: "Nothing has been traded yet.",
  });
}

function billTable({ bills, accountNames }: HomeView): string {
  return table({
    head: ["Participant", "Bought kWh", "Sold kWh", "Bill", "At the tariff alone", "Saved"],
    rows: bills.map((bill) => [
      nameOf(bill.account, accountNames),
      kwh(bill.boughtWh),
      kwh(bill.soldWh),
      formatMicro(bill.marketBillMicro),
      formatMicro(bill.tariffBillMicro),
      formatMicro(bill.savingMicro),
    ]),
    empty: "No reading has been settled yet.",
  });
}

/** Cells must be safe HTML. The first column is text, the others figures. */
function table({ head, rows, empty }: { head: string[]; rows: string[][]; empty: string }): string {
  if (rows.length === 0) return `<p>${empty}</p>`;
  const cells = (list: string[], tag: "td" | "th") => list.map((cell) => `<${tag}>${cell}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n");
  return `<table><thead><tr>${cells(head, "th")}</tr></thead>\n<tbody>${body}</tbody></table>`;
}

function nameOf(account: number, names: ReadonlyMap<number, string>): string {
  return escapeHtml(names.get(account) ?? `account ${account}`);
}

function kwh(energyWh: bigint): string {
  return (Number(energyWh) / WH_PER_KWH).toFixed(3);
}

function timeText(unixSeconds: number, { timeZone }: Pick<HomeView, "timeZone">): string {
  const date = new Date(unixSeconds * 1_000);
  // An interval's number may lie beyond the calendar: the chain takes any that fits 32 bits.
  if (Number.isNaN(date.getTime())) return `second ${unixSeconds}`;
  return date.toLocaleString("en-GB", { timeZone, dateStyle: "medium", timeStyle: "short" });
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
