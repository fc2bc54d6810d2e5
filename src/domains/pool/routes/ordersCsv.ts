import { addCsvExport } from "#domains/billing/routes/csvExports.ts";
import { type CsvRange, pagesOf } from "#domains/billing/routes/csvPages.ts";
import { type DatedOrder, listOrdersAfter } from "#domains/pool/queries/orders.ts";
import type { LocalClock } from "#kernel/units/localClock.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { type CsvColumns, csvText } from "#platform/api/csv.ts";
import { localIsoText, utcIsoText } from "#platform/api/localTime.ts";
import { MAX_LIMIT } from "#platform/api/wire.ts";
import { statusOf } from "./orders.ts";
import type { PoolContext } from "./poolContext.ts";

/** The orders of an account as a table for a spreadsheet. */
export function addOrdersCsv(app: Api, context: PoolContext): void {
  addCsvExport(app, context, {
    name: "orders",
    summary: "Orders whose gate is closed, and what became of them, as CSV",
    example: `order_id,starts_at_utc,…\r\n0x${"5f0e".repeat(16)},2025-05-11T19:00:00Z,…\r\n`,
    tableOf: ordersTable,
  });
}

function ordersTable(context: PoolContext, clock: LocalClock, range: CsvRange): AsyncIterable<string> {
  const { db } = context.store;
  const pages = pagesOf((last: DatedOrder | null) =>
    listOrdersAfter(db, { ...range, after: last, limit: MAX_LIMIT }),
  );
  return csvText(orderColumns(clock), pages);
}

function orderColumns(clock: LocalClock): CsvColumns<DatedOrder> {
  return [
    ["order_id", (order) => order.orderId],
    ["starts_at_utc", (order) => utcIsoText(order.startsAt)],
    ["starts_at_local", (order) => localIsoText(order.startsAt, clock)],
    ["area_id", (order) => order.areaId],
    ["interval_id", (order) => order.intervalId],
    ["member", (order) => order.member],
    ["side", (order) => order.side],
    ["limit_price_micro_per_kwh", (order) => order.limitPriceMicroPerKwh],
    ["energy_wh", (order) => order.energyWh],
    ["sequence", (order) => order.sequence],
    ["status", statusOf],
    ["refusal", (order) => order.refusal],
    ["fill_wh", (order) => order.fillWh],
    ["exact_payment_thousandths_of_micro", (order) => order.exactPayment],
    ["received_at_utc", (order) => timeOrNull(order.receivedAt)],
    ["submitted_at_utc", (order) => timeOrNull(order.submittedAt)],
    ["transaction_hash", (order) => order.transactionHash],
    ["signature", (order) => order.signature],
  ];
}

function timeOrNull(unixSeconds: number | null): string | null {
  return unixSeconds === null ? null : utcIsoText(unixSeconds);
}
