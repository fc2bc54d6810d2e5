import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { type BillLineView, listBillLinesAfter } from "#domains/billing/queries/bills.ts";
import { kindsOfCharges } from "#domains/billing/queries/charges.ts";
import type { ChargeKind, ChargeSum } from "#domains/billing/rules/charge.ts";
import { csvParams, csvQuery } from "#domains/billing/wireReasons.ts";
import { present } from "#kernel/units/assert.ts";
import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { type CsvColumns, csvText } from "#platform/api/csv.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { localIsoText, utcIsoText } from "#platform/api/localTime.ts";
import { describeText } from "#platform/api/routeSchema.ts";
import { MAX_LIMIT } from "#platform/api/wire.ts";
import type { BillingContext, LineReason } from "./billingContext.ts";
import { movementsTable, reconciliationTable } from "./csvMoney.ts";
import { type CsvRange, pagesOf } from "./csvPages.ts";

/** All that a participant's account holds, as tables for a spreadsheet: streamed page by page, the oldest first. */
export function addCsvExports(app: Api, context: BillingContext): void {
  for (const table of EXPORTS) addCsvExport(app, context, table);
}

/** A table of an account: its name, which is its address too, and its text for a range of time. */
export type CsvTable<Context> = {
  readonly name: string;
  readonly summary: string;
  /** Its first columns and a row, as the documentation shows it. */
  readonly example: string;
  readonly tableOf: (context: Context, clock: LocalClock, range: CsvRange) => AsyncIterable<string>;
};

/** Adds a table that the owner of an account may fetch. */
export function addCsvExport<Context extends BillingContext>(
  app: Api,
  context: Context,
  { name, summary, example, tableOf }: CsvTable<Context>,
): void {
  const clock = createLocalClock(context.timeZone);
  app.get(
    `/v1/participants/:account/${name}.csv`,
    {
      schema: {
        params: csvParams,
        querystring: csvQuery,
        ...describeText("participants", summary, "text/csv", example),
      },
    },
    async (request, reply) => {
      const { account } = request.params;
      const { shownAreaIds: areaIds } = await requireOwner(context, request, account);
      const range = { account, areaIds, from: request.query.from, to: request.query.to };
      return sendCsv(reply, `commonwatt-account-${account}-${name}.csv`, tableOf(context, clock, range));
    },
  );
}

/** A table as a file to keep. */
export function sendCsv(reply: FastifyReply, fileName: string, text: AsyncIterable<string>): FastifyReply {
  return reply
    .type("text/csv; charset=utf-8; header=present")
    .header("content-disposition", `attachment; filename="${fileName}"`)
    .header("cache-control", "private, no-store")
    .send(Readable.from(text));
}

/** A line of a bill with its reason. */
type ExplainedLine = BillLineView & LineReason;

async function* billTable(
  context: BillingContext,
  clock: LocalClock,
  range: CsvRange,
): AsyncGenerator<string> {
  const { db } = context.store;
  const { account } = range;
  const pages = pagesOf(async (last: ExplainedLine | null): Promise<ExplainedLine[]> => {
    const lines = await listBillLinesAfter(db, { ...range, after: last, limit: MAX_LIMIT });
    const reasons = await context.reasonsOf({ account, lines });
    return lines.map((line, i) => ({ ...line, ...present(reasons[i], "the reason of a line") }));
  });
  const kinds = await kindsOfCharges(db, { ...range, accounts: [account] });
  yield* csvText(billColumns(context, clock, kinds), pages);
}

/** Energy and money of the charges of a kind; empty on lines without one. */
function chargeColumns(kind: ChargeKind): CsvColumns<ExplainedLine> {
  const name = kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(".", "_");
  const chargeOf = ({ charges }: { charges: readonly ChargeSum[] }) =>
    charges.find((charge) => charge.kind === kind);
  return [
    [`${name}_wh`, (line) => chargeOf(line)?.energyWh ?? null],
    [`${name}_micro`, (line) => chargeOf(line)?.amountMicro ?? null],
  ];
}

function billColumns(
  { tariffOf }: BillingContext,
  clock: LocalClock,
  kinds: readonly ChargeKind[],
): CsvColumns<ExplainedLine> {
  return [
    ["starts_at_utc", (line) => utcIsoText(line.startsAt)],
    ["starts_at_local", (line) => localIsoText(line.startsAt, clock)],
    ["area_id", (line) => line.areaId],
    ["interval_id", (line) => line.intervalId],
    ["member", (line) => line.member],
    ["import_wh", (line) => line.importWh],
    ["export_wh", (line) => line.exportWh],
    ["grid_import_wh", (line) => line.gridImportWh],
    ["grid_export_wh", (line) => line.gridExportWh],
    ...kinds.flatMap(chargeColumns),
    ["net_micro", (line) => line.netMicro],
    ["beyond_micro", (line) => line.beyondMicro],
    ["bill_micro", (line) => (line.beyondMicro === null ? null : line.netMicro + line.beyondMicro)],
    ["tariff_micro", (line) => line.tariffMicro],
    ["retail_micro_per_kwh", (line) => tariffOf(line.areaId, line.intervalId)?.retailMicroPerKwh ?? null],
    ["feed_in_micro_per_kwh", (line) => tariffOf(line.areaId, line.intervalId)?.feedInMicroPerKwh ?? null],
    ["book_root", (line) => line.bookRoot],
    ["readings_root", (line) => line.readingsRoot],
    ["is_reading_missing", (line) => String(line.isReadingMissing)],
    ["reason", (line) => line.sentence],
  ];
}

/** How these tables begin, as the documentation shows it. */
const BILL_EXAMPLE =
  "starts_at_utc,starts_at_local,…\r\n2025-05-11T19:00:00Z,2025-05-11T21:00:00+02:00,…\r\n";
const MOVEMENTS_EXAMPLE = "at_utc,at_local,…\r\n2025-05-11T19:00:00Z,2025-05-11T21:00:00+02:00,…\r\n";
const RECONCILIATION_EXAMPLE =
  "part,what,amount_micro\r\naccount,opening balance,250000000\r\naccount,closing balance,234540000\r\n";

const EXPORTS: readonly CsvTable<BillingContext>[] = [
  {
    name: "bill",
    summary: "Each line of a bill with its reason, as CSV",
    example: BILL_EXAMPLE,
    tableOf: billTable,
  },
  {
    name: "movements",
    summary: "Movements of money with the running balance, as CSV",
    example: MOVEMENTS_EXAMPLE,
    tableOf: movementsTable,
  },
  {
    name: "reconciliation",
    summary: "The bill and the account of a time brought together, as CSV",
    example: RECONCILIATION_EXAMPLE,
    tableOf: reconciliationTable,
  },
];
