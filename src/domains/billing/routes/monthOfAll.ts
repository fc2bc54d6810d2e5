import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { type BillView, sumBills } from "#domains/billing/queries/bills.ts";
import { reconcileBills } from "#domains/billing/queries/reconciliations.ts";
import type { Reconciliation } from "#domains/billing/rules/reconciliation.ts";
import { statementQuery } from "#domains/billing/wireReasons.ts";
import { present } from "#kernel/units/assert.ts";
import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import { type CalendarMonth, daysOfMonth, monthAt } from "#kernel/units/localMonth.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { type CsvColumns, csvText } from "#platform/api/csv.ts";
import { requireOperator } from "#platform/api/identity/access.ts";
import { monthText } from "#platform/api/localTime.ts";
import { describeText } from "#platform/api/routeSchema.ts";
import { MAX_LIMIT } from "#platform/api/wire.ts";
import type { BillingContext } from "./billingContext.ts";
import { sendCsv } from "./csvExports.ts";
import { loadStatement } from "./loadStatement.ts";
import { readMonth } from "./readMonth.ts";
import { PAGE_END, pageHead, STATEMENT_EXAMPLE, STATEMENT_POLICY, statementBody } from "./statementPage.ts";

/** A month of all members of the areas that somebody operates: their statements to print, their bills as one table. */
export function addMonthOfAll(app: Api, context: BillingContext): void {
  const clock = createLocalClock(context.timeZone);
  app.get(
    "/v1/statements",
    {
      schema: {
        querystring: statementQuery,
        ...describeText(
          "bills",
          "All statements of a month on one page, for the operator",
          "text/html",
          STATEMENT_EXAMPLE,
        ),
      },
    },
    async (request, reply) => {
      const { operatedAreas } = await requireOperator(context, request);
      const month = readMonth(request.query.month) ?? monthAt(clock, context.now());
      const areaIds = operatedAreas.map(({ areaId }) => areaId);
      return sendPage(
        reply,
        `commonwatt-statements-${nameOf(month)}.html`,
        allStatements(context, { areaIds, clock, month }),
      );
    },
  );
  app.get(
    "/v1/bills.csv",
    {
      schema: {
        querystring: statementQuery,
        ...describeText(
          "bills",
          "All bills of a month, a row each, for the operator",
          "text/csv",
          BILLS_EXAMPLE,
        ),
      },
    },
    async (request, reply) => {
      const { operatedAreas } = await requireOperator(context, request);
      const month = readMonth(request.query.month) ?? monthAt(clock, context.now());
      const areaIds = operatedAreas.map(({ areaId }) => areaId);
      const text = csvText(BILL_COLUMNS, rowsOfBills(context, { areaIds, clock, month }));
      return sendCsv(reply, `commonwatt-bills-${nameOf(month)}.csv`, text);
    },
  );
}

function sendPage(reply: FastifyReply, fileName: string, text: AsyncIterable<string>): FastifyReply {
  return reply
    .header("content-security-policy", STATEMENT_POLICY)
    .header("cache-control", "private, no-store")
    .header("content-disposition", `inline; filename="${fileName}"`)
    .type("text/html; charset=utf-8")
    .send(Readable.from(text));
}

type MonthOfAreas = {
  readonly areaIds: readonly number[];
  readonly clock: LocalClock;
  readonly month: CalendarMonth;
};

/** 2025-05 */
function nameOf({ year, month }: CalendarMonth): string {
  return `${year}-${String(month).padStart(2, "0")}`;
}

function boundsOf({ clock, month }: Omit<MonthOfAreas, "areaIds">) {
  const days = daysOfMonth(clock, month);
  return {
    from: present(days[0], "the first day of a month").from,
    to: present(days.at(-1), "the last day of a month").to,
  };
}

/** Piece by piece, so that a year-old community of thousands is never in memory at once. */
async function* allStatements(context: BillingContext, wanted: MonthOfAreas): AsyncGenerator<string> {
  const { from, to } = boundsOf(wanted);
  yield pageHead(`Statements ${monthText((from + to) / 2, context.timeZone)}`);
  for await (const bills of pagesOfBills(context, wanted)) {
    const registered = await context.directory.among(bills.map(({ account }) => account));
    for (const participant of [...registered].sort((a, b) => a.account - b.account)) {
      const shown = { ...participant, shownAreaIds: wanted.areaIds };
      yield statementBody(await loadStatement(context, { participant: shown, ...wanted }));
    }
  }
  yield PAGE_END;
}

type BillRow = { readonly bill: BillView; readonly money: Reconciliation; readonly name: string };

async function* rowsOfBills(
  context: BillingContext,
  wanted: MonthOfAreas,
): AsyncGenerator<readonly BillRow[]> {
  const { areaIds } = wanted;
  const range = { areaIds, ...boundsOf(wanted) };
  for await (const bills of pagesOfBills(context, wanted)) {
    const accounts = bills.map(({ account }) => account);
    const reconciled = await reconcileBills(context.store.db, { ...range, accounts }, bills);
    yield bills.map((bill) => ({
      bill,
      money: present(reconciled.get(bill.account), "the money of a bill"),
      name: context.accountNames.get(bill.account) ?? "",
    }));
  }
}

async function* pagesOfBills(
  { store: { db } }: BillingContext,
  wanted: MonthOfAreas,
): AsyncGenerator<readonly BillView[]> {
  const range = { areaIds: wanted.areaIds, ...boundsOf(wanted) };
  for (let offset = 0; ; offset += MAX_LIMIT) {
    const bills = await sumBills(db, { ...range, limit: MAX_LIMIT, offset });
    if (bills.length > 0) yield bills;
    if (bills.length < MAX_LIMIT) return;
  }
}

/** How the table begins, as the documentation shows it. */
const BILLS_EXAMPLE = "account,name,intervals,…\r\n12,Riverside 4,2976,…\r\n";

const BILL_COLUMNS: CsvColumns<BillRow> = [
  ["account", ({ bill }) => bill.account],
  ["name", ({ name }) => name],
  ["intervals", ({ bill }) => bill.intervals],
  ["import_wh", ({ bill }) => bill.importWh],
  ["export_wh", ({ bill }) => bill.exportWh],
  ["from_neighbours_wh", ({ bill }) => bill.importWh - bill.gridImportWh],
  ["to_neighbours_wh", ({ bill }) => bill.exportWh - bill.gridExportWh],
  ["bill_micro", ({ bill }) => bill.marketBillMicro],
  ["through_account_micro", ({ money }) => money.throughAccountMicro],
  ["by_supplier_micro", ({ money }) => money.bySupplierMicro],
  ["settled_later_micro", ({ money }) => money.settledLaterMicro],
  ["settled_for_earlier_micro", ({ money }) => money.settledForEarlierMicro],
  ["without_tariff_micro", ({ money }) => money.withoutTariffMicro],
  ["tariff_bill_micro", ({ bill }) => bill.tariffBillMicro],
  ["saving_micro", ({ bill }) => bill.savingMicro],
];
