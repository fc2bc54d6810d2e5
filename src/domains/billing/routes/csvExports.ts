import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { listMovementsAfter, type MovementView } from "#domains/accounts/queries/movements.ts";
import { areaOfSeat, type MemberPlace, memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { NO_SEAT } from "#domains/accounts/tables.ts";
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

/** All that a participant's account holds, as tables for a spreadsheet: streamed page by page, the oldest first. */
export function addCsvExports(app: Api, context: BillingContext): void {
  for (const table of EXPORTS) addCsvExport(app, context, table);
}

/** A table of an account: its name, which is its address too, and its text for a range of time. */
export type CsvTable<Context> = {
  readonly name: string;
  readonly summary: string;
  readonly tableOf: (context: Context, clock: LocalClock, range: CsvRange) => AsyncIterable<string>;
};

/** Adds a table that the owner of an account may fetch. */
export function addCsvExport<Context extends BillingContext>(
  app: Api,
  context: Context,
  { name, summary, tableOf }: CsvTable<Context>,
): void {
  const clock = createLocalClock(context.timeZone);
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
      const { shownAreaIds: areaIds } = await requireOwner(context, request, account);
      const range = { account, areaIds, from: request.query.from, to: request.query.to };
      return sendCsv(reply, `commonwatt-account-${account}-${name}.csv`, tableOf(context, clock, range));
    },
  );
}

/** Rows of an account from one second to another; `areaIds` are the areas that whoever asks may see, undefined for all. */
export type CsvRange = {
  readonly account: number;
  readonly areaIds: readonly number[] | undefined;
  readonly from: number | undefined;
  readonly to: number | undefined;
};

/** Sends a table as a file that the browser keeps under a name. */
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
    ["tariff_micro", (line) => line.tariffMicro],
    ["retail_micro_per_kwh", (line) => tariffOf(line.areaId, line.intervalId)?.retailMicroPerKwh ?? null],
    ["feed_in_micro_per_kwh", (line) => tariffOf(line.areaId, line.intervalId)?.feedInMicroPerKwh ?? null],
    ["book_root", (line) => line.bookRoot],
    ["readings_root", (line) => line.readingsRoot],
    ["is_reading_missing", (line) => String(line.isReadingMissing)],
    ["reason", (line) => line.sentence],
  ];
}

function movementsTable(context: BillingContext, clock: LocalClock, range: CsvRange): AsyncIterable<string> {
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
    ["area_id", (movement) => placeOf(movement)?.areaId ?? null],
    ["member", (movement) => placeOf(movement)?.member ?? null],
    ["interval_id", (movement) => movement.intervalId],
    ["block", (movement) => movement.block],
    ["log_index", (movement) => movement.logIndex],
    ["transaction_hash", (movement) => movement.transactionHash],
  ];
}

/** The member whose margin changed; null where the free balance alone did. */
function placeOf({ seat }: MovementView): MemberPlace | null {
  return seat === NO_SEAT ? null : { areaId: areaOfSeat(seat), member: memberOfSeat(seat) };
}

/** Pages one after the other, each read when the one before is sent; the last row of one tells where the next begins. */
export async function* pagesOf<Row>(
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

const EXPORTS: readonly CsvTable<BillingContext>[] = [
  { name: "bill", summary: "Each line of a bill with its reason, as CSV", tableOf: billTable },
  { name: "movements", summary: "Movements of money, as CSV", tableOf: movementsTable },
];
