import { sendCsv } from "#domains/billing/routes/csvExports.ts";
import { type GridInterval, listGridIntervals } from "#domains/grid/queries/exchange.ts";
import { gridSpanQuery } from "#domains/grid/wire.ts";
import { intervalAt } from "#kernel/units/interval.ts";
import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { type CsvColumns, csvText } from "#platform/api/csv.ts";
import { localIsoText, utcIsoText } from "#platform/api/localTime.ts";
import { describeText } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";
import { requireSpan } from "./gridSpan.ts";

const SECONDS_PER_HOUR = 3_600;

/** How the table begins, as the documentation shows it. */
const EXAMPLE = "starts_at_utc,starts_at_local,…\r\n2025-05-11T19:00:00Z,2025-05-11T21:00:00+02:00,…\r\n";

/** Each interval as a table for a spreadsheet. */
export function addGridCsv(app: Api, context: ApiContext): void {
  const clock = createLocalClock(context.timeZone);
  const summary = "Exchange of an area with the grid, interval by interval, as CSV";
  app.get(
    "/v1/areas/:areaId/grid.csv",
    {
      schema: {
        params: areaParams,
        querystring: gridSpanQuery,
        ...describeText("grid", summary, "text/csv", EXAMPLE),
      },
    },
    async ({ params, query }, reply) => {
      const { span, area } = await requireSpan(context, { ...params, ...query });
      const rows = await listGridIntervals(context.store.db, span);
      const table = csvText(gridColumns(area, clock), onePage(rows));
      return sendCsv(reply, `commonwatt-area-${span.areaId}-grid.csv`, table);
    },
  );
}

async function* onePage(rows: readonly GridInterval[]): AsyncGenerator<readonly GridInterval[]> {
  yield rows;
}

/** What is not known is an empty cell: the exchange without a reading, the fee before a settlement. */
function gridColumns(
  { areaId, intervalSeconds }: { readonly areaId: number; readonly intervalSeconds: number },
  clock: LocalClock,
): CsvColumns<GridInterval> {
  const meanW = (wh: number | null) =>
    wh === null ? null : Math.round((wh * SECONDS_PER_HOUR) / intervalSeconds);
  const importWh = ({ netWh }: GridInterval) => (netWh === null ? null : Math.max(netWh, 0));
  const exportWh = ({ netWh }: GridInterval) => (netWh === null ? null : Math.max(-netWh, 0));
  return [
    ["starts_at_utc", (row) => utcIsoText(row.startsAt)],
    ["starts_at_local", (row) => localIsoText(row.startsAt, clock)],
    ["area_id", () => areaId],
    ["interval_id", (row) => intervalAt(row.startsAt, intervalSeconds)],
    ["grid_import_wh", importWh],
    ["grid_export_wh", exportWh],
    ["grid_import_w", (row) => meanW(importWh(row))],
    ["grid_export_w", (row) => meanW(exportWh(row))],
    ["meters_read", (row) => row.meters],
    ["readings_missing", (row) => row.missing],
    ["grid_fee_micro", (row) => (row.gridFeeMicro === null ? null : BigInt(row.gridFeeMicro))],
  ];
}
