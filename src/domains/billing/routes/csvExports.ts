import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { listMovementsAfter, type MovementView } from "#domains/accounts/queries/movements.ts";
import { listBillLinesAfter } from "#domains/billing/queries/bills.ts";
import { csvParams, csvQuery } from "#domains/billing/wireReasons.ts";
import { type DatedOrder, listOrdersAfter } from "#domains/pool/queries/orders.ts";
import { statusOf } from "#domains/pool/routes/orders.ts";
import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { type CsvColumns, csvText } from "#platform/api/csv.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { localIsoText, utcIsoText } from "#platform/api/localTime.ts";
import { describeText } from "#platform/api/routeSchema.ts";
import { MAX_LIMIT } from "#platform/api/wire.ts";
import { type ExplainedLine, explainLines } from "./lineReasons.ts";

/** All that a participant's account holds, as tables for a spreadsheet: streamed page by page, the oldest first. */
export function addCsvExports(app: Api, context: ApiContext): void {
  const clock = createLocalClock(context.timeZone);
  for (const { name, summary, tableOf } of EXPORTS) {
    app.get(
      `/v1/participants/:account/${name}.csv`,
      {
        schema: {
          params: csvParams,
          querystring: csvQuery,
          ...describeText("participants", summary, "text/csv"),
        },
      },
      async (request, reply) => {
        const { account } = request.params;
        await requireOwner(context, request, account);
        const range = { account, from: request.query.from, to: request.query.to };
        return sendCsv(reply, `commonwatt-account-${account}-${name}.csv`, tableOf(context, clock, range));
      },
    );
  }
}

type Range = {
  readonly account: number;
  readonly from: number | undefined;
  readonly to: number | undefined;
};

function sendCsv(reply: FastifyReply, fileName: string, text: AsyncIterable<string>): FastifyReply {
  return reply
    .type("text/csv; charset=utf-8; header=present")
    .header("content-disposition", `attachment; filename="${fileName}"`)
    .header("cache-control", "private, no-store")
    .send(Readable.from(text));
}

function billTable(context: ApiContext, clock: LocalClock, range: Range): AsyncIterable<string> {
  const { db } = context.store;
  const pages = pagesOf(async (last: ExplainedLine | null) => {
    const lines = await listBillLinesAfter(db, { ...range, after: last, limit: MAX_LIMIT });
    return explainLines(context, { account: range.account, lines });
  });
  return csvText(billColumns(context, clock), pages);
}

function billColumns({ tariffOf }: ApiContext, clock: LocalClock): CsvColumns<ExplainedLine> {
  return [
    ["starts_at_utc", (line) => utcIsoText(line.startsAt)],
    ["starts_at_local", (line) => localIsoText(line.startsAt, clock)],
    ["area_id", (line) => line.areaId],
    ["interval_id", (line) => line.intervalId],
    ["import_wh", (line) => line.importWh],
    ["export_wh", (line) => line.exportWh],
    ["bought_wh", (line) => line.boughtWh],
    ["sold_wh", (line) => line.soldWh],
    ["shortfall_wh", (line) => line.shortfallWh],
    ["unconsumed_wh", (line) => line.unconsumedWh],
    ["grid_import_wh", (line) => line.gridImportWh],
    ["grid_export_wh", (line) => line.gridExportWh],
    ["payment_micro", (line) => line.paymentMicro],
    ["shortfall_micro", (line) => line.shortfallMicro],
    ["surplus_micro", (line) => line.surplusMicro],
    ["grid_fee_micro", (line) => line.gridFeeMicro],
    ["net_micro", (line) => line.netMicro],
    ["beyond_micro", (line) => line.beyondMicro],
    ["tariff_micro", (line) => line.tariffMicro],
    ["retail_micro_per_kwh", (line) => tariffOf(line.areaId, line.intervalId)?.retailMicroPerKwh ?? null],
    ["feed_in_micro_per_kwh", (line) => tariffOf(line.areaId, line.intervalId)?.feedInMicroPerKwh ?? null],
    ["book_root", (line) => line.market.bookRoot],
    ["readings_root", (line) => line.market.readingsRoot],
    ["reason", (line) => line.reason],
  ];
}

function ordersTable(context: ApiContext, clock: LocalClock, range: Range): AsyncIterable<string> {
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

function movementsTable(context: ApiContext, clock: LocalClock, range: Range): AsyncIterable<string> {
  const { db } = context.store;
  const pages = pagesOf((last: MovementView | null) =>
    listMovementsAfter(db, { ...range, after: last, limit: MAX_LIMIT }),
  );
  return csvText(movementColumns(clock), pages);
}

function movementColumns(clock: LocalClock): CsvColumns<MovementView> {
  return [
    ["at_utc", (movement) => utcIsoText(movement.timestamp)],
    ["at_local", (movement) => localIsoText(movement.timestamp, clock)],
    ["kind", (movement) => movement.kind],
    ["free_micro", (movement) => movement.freeMicro],
    ["margin_micro", (movement) => movement.marginMicro],
    ["escrow_micro", (movement) => movement.escrowMicro],
    ["area_id", (movement) => movement.areaId],
    ["interval_id", (movement) => movement.intervalId],
    ["block", (movement) => movement.block],
    ["log_index", (movement) => movement.logIndex],
    ["transaction_hash", (movement) => movement.transactionHash],
  ];
}

function timeOrNull(unixSeconds: number | null): string | null {
  return unixSeconds === null ? null : utcIsoText(unixSeconds);
}

/** Pages one after the other, each read when the one before is sent; the last row of one tells where the next begins. */
async function* pagesOf<Row>(
  next: (last: Row | null) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  let last: Row | null = null;
  for (;;) {
    const rows: readonly Row[] = await next(last);
    if (rows.length > 0) yield rows;
    const newest: Row | undefined = rows.at(-1);
    if (newest === undefined || rows.length < MAX_LIMIT) return;
    last = newest;
  }
}

const EXPORTS = [
  { name: "bill", summary: "Each line of a bill with its reason, as CSV", tableOf: billTable },
  {
    name: "orders",
    summary: "Orders whose gate is closed, and what became of them, as CSV",
    tableOf: ordersTable,
  },
  { name: "movements", summary: "Movements of money, as CSV", tableOf: movementsTable },
];
