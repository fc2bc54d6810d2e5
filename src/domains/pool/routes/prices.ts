import type { z } from "zod";
import { type AreaView, listAreas, termsAt } from "#domains/pool/queries/areas.ts";
import { findInterval, type IntervalView } from "#domains/pool/queries/intervals.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import { priceState } from "#domains/pool/rules/stage.ts";
import type { priceWire } from "#domains/pool/wire.ts";
import { anyPricesWire, pricesQuery } from "#domains/pool/wirePriceShapes.ts";
import { endsAt, intervalAt, startsAt } from "#kernel/units/interval.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { orNull } from "#platform/api/decimalText.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { requireArea } from "./areas.ts";
import type { PoolContext } from "./poolContext.ts";
import { readOutlook } from "./priceOutlook.ts";
import { shapePrices } from "./priceShapes.ts";

/**
 * The price of the current and of the next interval, with what it is made of (R2.50, R6.10); or those of the hours to come, in the
 * shape of a home system.
 */
export function addPrices(app: Api, context: PoolContext): void {
  const summary =
    "Prices of the current and the next interval, or of the hours to come in the shape of a home system";
  app.get(
    "/v1/prices",
    { schema: { querystring: pricesQuery, ...describeRoute("prices", summary, { body: anyPricesWire }) } },
    async (request) => {
      const { query } = request;
      if (query.shape !== undefined)
        return shapePrices(query.shape, await readOutlook(context, request, query));
      const now = context.now();
      const areas =
        query.areaId === undefined
          ? await listAreas(context.store.db)
          : [await requireArea(context, query.areaId)];
      return {
        now,
        clockSpeed: context.clockSpeed,
        areas: await Promise.all(areas.map((area) => areaPrices(context, area, now))),
      };
    },
  );
}

/** Price of an interval; `interval` is null when the chain does not know it. */
export function priceBody(
  context: Pick<PoolContext, "tariffOf">,
  area: AreaView,
  { intervalId, interval }: { intervalId: number; interval: IntervalView | null },
): z.infer<typeof priceWire> {
  const energy = interval?.localPriceMicroPerKwh ?? null;
  const tariff = context.tariffOf(area.areaId, intervalId);
  const { gridFeeMicroPerKwh, floorMicroPerKwh, ceilingMicroPerKwh } = termsAt(area, intervalId);
  return {
    state: priceState(interval?.stage ?? "collecting", energy),
    energyMicroPerKwh: orNull(energy),
    gridFeeMicroPerKwh: String(gridFeeMicroPerKwh),
    totalMicroPerKwh: energy === null ? null : String(energy + gridFeeMicroPerKwh),
    floorMicroPerKwh: String(floorMicroPerKwh),
    ceilingMicroPerKwh: String(ceilingMicroPerKwh),
    feedInMicroPerKwh: orNull(tariff?.feedInMicroPerKwh ?? null),
    retailMicroPerKwh: orNull(tariff?.retailMicroPerKwh ?? null),
  };
}

async function areaPrices(context: PoolContext, area: AreaView, now: number) {
  const current = intervalAt(now, area.intervalSeconds);
  return {
    areaId: area.areaId,
    name: context.areaNames.get(area.areaId)?.name ?? null,
    current: await pricedInterval(context, area, current),
    next: await pricedInterval(context, area, current + 1),
  };
}

/** An interval with its price, whether the chain knows it or not. */
export async function pricedInterval(
  context: Pick<PoolContext, "store" | "tariffOf">,
  area: AreaView,
  intervalId: number,
) {
  const { areaId, intervalSeconds } = area;
  const interval = await findInterval(context.store.db, { areaId, intervalId });
  return {
    intervalId,
    startsAt: startsAt(intervalId, intervalSeconds),
    endsAt: endsAt(intervalId, intervalSeconds),
    gateClosesAt: gateClosesAt(intervalId, termsAt(area, intervalId)),
    status: interval?.stage ?? ("collecting" as const),
    price: priceBody(context, area, { intervalId, interval }),
  };
}
