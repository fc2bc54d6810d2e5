import { sendCsv } from "#domains/billing/routes/csvExports.ts";
import { type ExchangeRow, listExchange } from "#domains/grid/queries/exchange.ts";
import { gridSpanQuery } from "#domains/grid/wire.ts";
import type { PoolContext } from "#domains/pool/routes/poolContext.ts";
import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { MAX_COLUMN_ROWS } from "#platform/api/columnSpan.ts";
import { type CsvColumns, csvText } from "#platform/api/csv.ts";
import { localIsoText, utcIsoText } from "#platform/api/localTime.ts";
import { describeText } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";
import { requireSpan } from "./gridSpan.ts";

const SECONDS_PER_HOUR = 3_600;

/** The same intervals as a table for a spreadsheet. */
export function addGridCsv(app: Api, context: PoolContext): void {
  const clock = createLocalClock(context.timeZone);
  app.get(
    "/v1/areas/:areaId/grid.csv",
    {
      schema: {
        params: areaParams,
        querystring: gridSpanQuery,
        ...describeText(
          "grid",
          "Exchange of an area with the grid, interval by interval, as CSV",
          "text/csv",
        ),
      },
    },
    async ({ params, query }, reply) => {
      const { intervalSeconds, ...span } = await requireSpan(context, { ...params, ...query });
      const rows = await listExchange(context.store.db, span, MAX_COLUMN_ROWS);
      const columns = exchangeColumns(clock, intervalSeconds);
      return sendCsv(reply, `commonwatt-area-${span.areaId}-grid.csv`, csvText(columns, onePage(rows)));
    },
  );
}

async function* onePage(rows: readonly ExchangeRow[]): AsyncGenerator<readonly ExchangeRow[]> {
  yield rows;
}

function exchangeColumns(clock: LocalClock, intervalSeconds: number): CsvColumns<ExchangeRow> {
  const meanW = (wh: number) => Math.round((wh * SECONDS_PER_HOUR) / intervalSeconds);
  return [
    ["starts_at_utc", (row) => utcIsoText(row.startsAt)],
    ["starts_at_local", (row) => localIsoText(row.startsAt, clock)],
    ["area_id", (row) => row.areaId],
    ["interval_id", (row) => row.intervalId],
    ["grid_import_wh", (row) => Math.max(row.netWh, 0)],
    ["grid_export_wh", (row) => Math.max(-row.netWh, 0)],
    ["grid_import_w", (row) => meanW(Math.max(row.netWh, 0))],
    ["grid_export_w", (row) => meanW(Math.max(-row.netWh, 0))],
    ["meters_read", (row) => row.meters],
    ["readings_missing", (row) => row.missing],
    ["grid_fee_micro", (row) => row.gridFeeMicro],
  ];
}
