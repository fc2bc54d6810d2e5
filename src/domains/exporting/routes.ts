import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { listMeteredAreas } from "#domains/metering/queries/areas.ts";
import { intervalAt } from "#kernel/units/interval.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { type CsvColumns, csvText } from "#platform/api/csv.ts";
import { requireOperator } from "#platform/api/identity/access.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute, PROBLEMS } from "#platform/api/routeSchema.ts";
import { areaParams, during } from "#platform/api/wire.ts";
import { csvValue } from "./exportedColumns.ts";
import { EXPORTED_TABLES, type ExportedTable } from "./exportedTables.ts";
import { parquetOf } from "./parquet.ts";
import { type Row, type RowRange, readRows } from "./readRows.ts";

const SECONDS_PER_DAY = 86_400;
const CSV = "text/csv";
const PARQUET = "application/vnd.apache.parquet";

const tableNames = [...EXPORTED_TABLES.keys()] as [string, ...string[]];
const exportParams = z.strictObject({
  areaId: areaParams.shape.areaId,
  table: z.enum(tableNames).describe("name of the table"),
});
const exportQuery = z.strictObject({
  format: z.enum(["csv", "parquet"]).optional().default("csv").describe("csv when it is left out"),
  ...during,
});
const exportsWire = z.object({
  tables: z
    .array(
      z.object({
        name: z.string().meta({ example: "bill_lines" }),
        domain: z.string().meta({ example: "billing" }).describe("field that it is of"),
        columns: z
          .array(
            z.object({
              name: z.string().meta({ example: "import_wh" }),
              type: z.enum(["INT64", "BOOLEAN", "STRING"]).describe("type in Parquet"),
            }),
          )
          .describe("its columns, with their units in their names"),
      }),
    )
    .describe("tables that can be exported"),
});
const file = { schema: z.string() };

/** All that is known of an area, as tables for analysis: for its operator. */
export function addExports(app: Api, context: ApiContext): void {
  app.get(
    "/v1/areas/:areaId/exports",
    {
      schema: {
        params: areaParams,
        ...describeRoute("exports", "Tables that can be exported, with their columns", { body: exportsWire }),
      },
    },
    async (request) => {
      await requireOperator(context, request, request.params.areaId);
      return { tables: [...EXPORTED_TABLES.values()].map(tableBody) };
    },
  );
  app.get(
    "/v1/areas/:areaId/exports/:table",
    {
      schema: {
        params: exportParams,
        querystring: exportQuery,
        tags: ["exports"],
        summary: "A table of an area as CSV or Parquet, for its operator",
        response: {
          200: {
            description: "The file",
            content: {
              [CSV]: { schema: z.string().meta({ example: "area_id,interval_id,…\r\n1,1941100,…\r\n" }) },
              [PARQUET]: { schema: file.schema.meta({ example: "PAR1" }) },
            },
          },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const { areaId, table: name } = request.params;
      const { format, from, to } = request.query;
      await requireOperator(context, request, areaId);
      const table = EXPORTED_TABLES.get(name);
      if (!table) throw new NotFoundError(`table ${name}`);
      const pages = readRows(context.store.db, table, await rangeOf(context, areaId, { from, to }));
      reply
        .header("content-disposition", `attachment; filename="commonwatt-area-${areaId}-${name}.${format}"`)
        .header("cache-control", "private, no-store");
      if (format === "parquet") return sendFile(reply, PARQUET, Buffer.from(await parquetOf(table, pages)));
      const text = Readable.from(csvText(csvColumns(table), pages));
      return sendFile(reply, `${CSV}; charset=utf-8; header=present`, text);
    },
  );
}

function sendFile(reply: FastifyReply, type: string, content: Buffer | Readable): FastifyReply {
  return reply.type(type).send(content);
}

function tableBody({ name, domain, columns }: ExportedTable) {
  return { name, domain, columns: columns.map(({ name: column, type }) => ({ name: column, type })) };
}

/** Whole intervals that start in `[from, to)`; from the area's opening to a day from now where nothing is said. */
async function rangeOf(
  { store, now }: ApiContext,
  areaId: number,
  { from, to }: { from: number | undefined; to: number | undefined },
): Promise<RowRange> {
  const area = (await listMeteredAreas(store.db)).find((each) => each.areaId === areaId);
  if (!area) throw new NotFoundError(`area ${areaId}`);
  const { intervalSeconds, openedAt } = area;
  const first = Math.max(from ?? openedAt, openedAt - SECONDS_PER_DAY);
  const last = Math.min(to ?? now() + SECONDS_PER_DAY, now() + SECONDS_PER_DAY);
  return { areaId, first: Math.ceil(first / intervalSeconds), last: intervalAt(last - 1, intervalSeconds) };
}

function csvColumns({ columns }: ExportedTable): CsvColumns<Row> {
  return columns.map(({ name, field, type }) => [name, (row) => csvValue(type, row[field])] as const);
}
