import type { z } from "zod";
import { type AreaView, listAreas } from "#domains/pool/queries/areas.ts";
import {
  findInterval,
  type IntervalCursor,
  type IntervalView,
  listIntervals,
} from "#domains/pool/queries/intervals.ts";
import { intervalsQuery, intervalsWire, intervalWire } from "#domains/pool/wire.ts";
import { present } from "#kernel/units/assert.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { orNull } from "#platform/api/decimalText.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { intervalParams } from "#platform/api/wire.ts";
import { finalityNow } from "#platform/store/undo/heads.ts";
import { requireArea } from "./areas.ts";
import type { PoolContext } from "./poolContext.ts";
import { priceBody } from "./prices.ts";

/** Delivery intervals: what was cleared, at which price, how far they are. */
export function addIntervals(app: Api, context: PoolContext): void {
  const { db } = context.store;
  app.get(
    "/v1/intervals",
    {
      schema: {
        querystring: intervalsQuery,
        ...describeRoute("intervals", "Intervals, the latest first", { body: intervalsWire }),
      },
    },
    async ({ query: { areaId, status, before, limit } }) => {
      const cursor = before === undefined ? undefined : readCursor(before);
      const rows = await listIntervals(db, { areaId, stage: status, before: cursor, limit });
      const areas = new Map((await listAreas(db)).map((area) => [area.areaId, area]));
      const isFinal = await finalityNow(db);
      const last = rows.length === limit ? rows.at(-1) : undefined;
      return {
        intervals: rows.map((row) =>
          intervalBody(context, present(areas.get(row.areaId), "the area of an interval"), {
            ...row,
            isFinal: isFinal(row),
          }),
        ),
        next: last ? `${last.startsAt}.${last.areaId}` : null,
      };
    },
  );
  app.get(
    "/v1/intervals/:areaId/:intervalId",
    {
      schema: {
        params: intervalParams,
        ...describeRoute("intervals", "One interval with its price", { body: intervalWire }),
      },
    },
    async ({ params }) => {
      const area = await requireArea(context, params.areaId);
      const interval = await requireInterval(context, params);
      return intervalBody(context, area, { ...interval, isFinal: (await finalityNow(db))(params) });
    },
  );
}

/** @throws NotFoundError when the chain knows no such interval */
export async function requireInterval(
  { store }: Pick<PoolContext, "store">,
  key: { areaId: number; intervalId: number },
): Promise<IntervalView> {
  const interval = await findInterval(store.db, key);
  if (interval === null)
    throw new NotFoundError(`interval ${key.intervalId} of area ${key.areaId} on the chain`);
  return interval;
}

function readCursor(text: string): IntervalCursor {
  const [startsAt, areaId] = text.split(".").map(Number);
  return { startsAt: present(startsAt, "a start"), areaId: present(areaId, "an area") };
}

function intervalBody(
  context: PoolContext,
  area: AreaView,
  interval: IntervalView & { readonly isFinal: boolean },
): z.infer<typeof intervalWire> {
  const { areaId, intervalId, readingsRoot, readingsVersion, readingsMeters, publishedAt } = interval;
  const isPublished =
    readingsRoot !== null && readingsVersion !== null && readingsMeters !== null && publishedAt !== null;
  return {
    areaId,
    intervalId,
    startsAt: interval.startsAt,
    endsAt: interval.endsAt,
    status: interval.stage,
    attempt: interval.attempt,
    abandonedAt: interval.abandonedAt,
    termsVersion: interval.termsVersion,
    isSupplied: interval.isSupplied,
    pricing: interval.pricing,
    price: priceBody(context, area, { intervalId, interval }),
    clearingPriceMicroPerKwh: orNull(interval.clearingPriceMicroPerKwh),
    clearedWh: String(interval.clearedWh),
    welfareMicro: orNull(interval.welfareMicro),
    orders: interval.orders,
    bookRoot: interval.bookRoot,
    isBookComplete: interval.isBookComplete,
    trades: interval.trades,
    gridFeeMicro: String(interval.gridFeeMicro),
    supplierMicro: orNull(interval.supplierMicro),
    remainderMicro: orNull(interval.remainderMicro),
    gasUsed: String(interval.gasUsed),
    readings: isPublished
      ? { root: readingsRoot, version: readingsVersion, meters: readingsMeters, publishedAt }
      : null,
    clearedAt: interval.clearedAt,
    settledAt: interval.settledAt,
    returnedAt: interval.returnedAt,
    isFinal: interval.isFinal,
  };
}
