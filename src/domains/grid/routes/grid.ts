import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { countAbove, findPeak, type GridSpan, type Peak } from "#domains/grid/queries/exchange.ts";
import {
  countMissing,
  countRead,
  firstReadAt,
  listMissing,
  sumConnections,
} from "#domains/grid/queries/meters.ts";
import { gridQuery, gridWire } from "#domains/grid/wire.ts";
import type { MeteredArea } from "#domains/metering/queries/areas.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { findViewer } from "#platform/api/identity/access.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";
import { sumsByDay, sumsByMonth, sumsOf } from "./gridDays.ts";
import { requireSpan } from "./gridSpan.ts";

const SECONDS_PER_HOUR = 3_600;

/** What an area as a whole exchanged with the grid, for its grid operator; of all homes together, so for everybody. */
export function addGrid(app: Api, context: ApiContext): void {
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
      const { span, area } = await requireSpan(context, { ...request.params, ...request.query });
      const isShown = await maySeeMeters(context, request, span.areaId);
      return gridBody(context, { span, area, statedW: request.query.limitW, isShown });
    },
  );
}

/** Whose readings are missing is for the area's grid operator and its operator. */
async function maySeeMeters(context: ApiContext, request: FastifyRequest, areaId: number): Promise<boolean> {
  const viewer = await findViewer(context, request);
  if (viewer === null) return false;
  const area = (await context.directory.areas()).find((each) => each.areaId === areaId);
  return area?.operator === viewer.address || area?.dso === viewer.participant?.account;
}

type Asked = {
  readonly span: GridSpan;
  readonly area: MeteredArea;
  readonly statedW: number | undefined;
  readonly isShown: boolean;
};

async function gridBody(
  context: ApiContext,
  { span, area, statedW, isShown }: Asked,
): Promise<z.infer<typeof gridWire>> {
  const { db } = context.store;
  const { intervalSeconds } = area;
  const powerW = statedW ?? (await sumConnections(db, span.areaId));
  const limitWh = (powerW * intervalSeconds) / SECONDS_PER_HOUR;
  const peakOf = async (direction: "import" | "export") =>
    peakBody(await findPeak(db, span, direction), { intervalSeconds, powerW });
  const days = await sumsByDay(db, span, { timeZone: context.timeZone, intervalSeconds });
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
      unreadIntervals: await countUnread(context, span, area),
      meters: isShown ? await listMissing(db, span) : null,
    },
  };
}

/** Intervals of which no reading came at all: from the area's first reading on, as long as readings are waited for. */
async function countUnread(
  { store: { db }, now }: ApiContext,
  { areaId, from, to }: GridSpan,
  { intervalSeconds, waitingSeconds }: MeteredArea,
): Promise<number> {
  const first = await firstReadAt(db, areaId);
  if (first === null) return 0;
  const awaitedUntil = now() - waitingSeconds - intervalSeconds;
  const lastStart = Math.min(to - 1, awaitedUntil);
  const firstNumber = Math.ceil(Math.max(from, first) / intervalSeconds);
  const due = Math.floor(lastStart / intervalSeconds) - firstNumber + 1;
  if (due <= 0) return 0;
  return due - (await countRead(db, { areaId, from: Math.max(from, first), to: lastStart + 1 }));
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
