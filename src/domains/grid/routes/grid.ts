import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import {
  countAbove,
  countMissing,
  findPeak,
  type GridSpan,
  listExchange,
  listMissing,
  type Peak,
  sumConnections,
} from "#domains/grid/queries/exchange.ts";
import { gridQuery, gridSeriesWire, gridSpanQuery, gridWire } from "#domains/grid/wire.ts";
import type { PoolContext } from "#domains/pool/routes/poolContext.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { MAX_COLUMN_ROWS } from "#platform/api/columnSpan.ts";
import { orNull } from "#platform/api/decimalText.ts";
import { findViewer } from "#platform/api/identity/access.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";
import { sumsByDay, sumsByMonth, sumsOf } from "./gridDays.ts";
import { requireSpan } from "./gridSpan.ts";

const SECONDS_PER_HOUR = 3_600;

/** What an area as a whole exchanged with the grid, for its grid operator; of all homes together, so for everybody. */
export function addGrid(app: Api, context: PoolContext): void {
  app.get(
    "/v1/areas/:areaId/grid",
    {
      schema: {
        params: areaParams,
        querystring: gridQuery,
        ...describeRoute("grid", "Exchange of an area with the grid: peaks, fees, missing readings", {
          body: gridWire,
        }),
      },
    },
    async (request) => {
      const span = await requireSpan(context, { ...request.params, ...request.query });
      const isShown = await maySeeMeters(context, request, span.areaId);
      return gridBody(context, { ...span, statedW: request.query.limitW, isShown });
    },
  );
  app.get(
    "/v1/areas/:areaId/grid/series",
    {
      schema: {
        params: areaParams,
        querystring: gridSpanQuery,
        ...describeRoute("grid", "Exchange of an area with the grid, interval by interval", {
          body: gridSeriesWire,
        }),
      },
    },
    async ({ params, query }) => {
      const span = await requireSpan(context, { ...params, ...query });
      const rows = await listExchange(context.store.db, span, MAX_COLUMN_ROWS);
      return {
        areaId: span.areaId,
        intervalSeconds: span.intervalSeconds,
        startsAt: rows.map(({ startsAt }) => startsAt),
        netWh: rows.map(({ netWh }) => netWh),
        gridFeeMicro: rows.map(({ gridFeeMicro }) => orNull(gridFeeMicro)),
      };
    },
  );
}

/** Whose readings are missing is for the area's grid operator and its operator. */
async function maySeeMeters(context: PoolContext, request: FastifyRequest, areaId: number): Promise<boolean> {
  const viewer = await findViewer(context, request);
  if (viewer === null) return false;
  const area = (await context.directory.areas()).find((each) => each.areaId === areaId);
  return area?.operator === viewer.address || area?.dso === viewer.participant?.account;
}

type Asked = GridSpan & {
  readonly intervalSeconds: number;
  readonly statedW: number | undefined;
  readonly isShown: boolean;
};

async function gridBody(
  { store: { db }, timeZone }: PoolContext,
  { intervalSeconds, statedW, isShown, ...span }: Asked,
): Promise<z.infer<typeof gridWire>> {
  const powerW = statedW ?? (await sumConnections(db, span.areaId));
  const limitWh = (powerW * intervalSeconds) / SECONDS_PER_HOUR;
  const peakOf = async (direction: "import" | "export") =>
    peakBody(await findPeak(db, span, direction), { intervalSeconds, powerW });
  const days = await sumsByDay(db, { ...span, timeZone, intervalSeconds });
  const above = powerW > 0 ? await countAbove(db, span, limitWh) : 0;
  return {
    ...span,
    intervalSeconds,
    ...sumsOf(days),
    peakImport: await peakOf("import"),
    peakExport: await peakOf("export"),
    limit: { powerW, basis: statedW === undefined ? "connections" : "stated" },
    overLimitSeconds: above * intervalSeconds,
    days,
    months: sumsByMonth(days),
    missing: {
      ...(await countMissing(db, span)),
      meters: isShown ? await listMissing(db, span) : null,
    },
  };
}

function peakBody(
  peak: Peak | null,
  { intervalSeconds, powerW: limitW }: { intervalSeconds: number; powerW: number },
): z.infer<typeof gridWire>["peakImport"] {
  if (peak === null) return null;
  const { intervalId, startsAt, energyWh } = peak;
  const powerW = (energyWh * SECONDS_PER_HOUR) / intervalSeconds;
  return {
    intervalId,
    startsAt,
    energyWh: String(energyWh),
    powerW: Math.round(powerW),
    loading: limitW > 0 ? powerW / limitW : null,
  };
}
