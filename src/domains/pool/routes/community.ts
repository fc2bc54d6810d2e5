import type { z } from "zod";
import type { AreaView } from "#domains/pool/queries/areas.ts";
import {
  countHomes,
  listPairs,
  listPrices,
  newestCleared,
  newestTraded,
  sumDay,
} from "#domains/pool/queries/community.ts";
import { forecastPrice, type PriceForecast } from "#domains/pool/rules/priceForecast.ts";
import {
  communityQuery,
  communityWire,
  type dayWire,
  type flowWire,
  type forecastWire,
} from "#domains/pool/wireCommunity.ts";
import { endsAt, intervalAt, startsAt } from "#kernel/units/interval.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { localDay } from "#kernel/units/localDay.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { areaOrFirst } from "./areas.ts";
import type { PoolContext } from "./poolContext.ts";
import { pricedInterval } from "./prices.ts";

const SECONDS_PER_DAY = 86_400;
/** Earlier days that a forecast of the price looks back on. */
const FORECAST_DAYS = 7;

/** What happens in an area now, and whether it is worth it: one answer for one screen (R2.50, R3.9, R6.10). */
export function addCommunity(app: Api, context: PoolContext): void {
  const summary = "Flows, prices, savings and suppliers of an area, now";
  app.get(
    "/v1/community",
    {
      schema: {
        querystring: communityQuery,
        ...describeRoute("community", summary, { body: communityWire }),
      },
    },
    async ({ query }) => communityBody(context, await areaOrFirst(context, query.areaId)),
  );
}

async function communityBody(context: PoolContext, area: AreaView): Promise<z.infer<typeof communityWire>> {
  const { areaId, intervalSeconds } = area;
  const { db } = context.store;
  const now = context.now();
  const current = intervalAt(now, intervalSeconds);
  const traded = await newestTraded(db, areaId);
  const newest = await newestCleared(db, { areaId, upTo: current });
  return {
    now,
    areaId,
    name: context.areaNames.get(areaId)?.name ?? null,
    description: context.areaNames.get(areaId)?.description ?? null,
    homes: await countHomes(db, areaId),
    current: await pricedInterval(context, area, current),
    next: await pricedInterval(context, area, current + 1),
    newest: newest === null ? null : await pricedInterval(context, area, newest),
    nextForecast: forecastBody(
      await expectPrice(context, area, current + 1, traded?.priceMicroPerKwh ?? null),
    ),
    // The model levies nothing on a neighbour's energy; the terms of an area would have to say so.
    leviesMicroPerKwh: "0",
    retail: retailBody(context, areaId, current),
    flow: flowBody(context, area),
    supply: {
      intervalId: traded?.intervalId ?? null,
      pairs: traded
        ? (await listPairs(db, { areaId, intervalId: traded.intervalId })).map(({ energyWh, ...pair }) => ({
            ...pair,
            energyWh: String(energyWh),
          }))
        : [],
    },
    today: await dayBody(context, areaId, now),
  };
}

/** The same time of earlier days, and the newest price. */
async function expectPrice(
  { store }: PoolContext,
  { areaId, intervalSeconds }: AreaView,
  intervalId: number,
  newest: bigint | null,
): Promise<PriceForecast> {
  const perDay = Math.round(SECONDS_PER_DAY / intervalSeconds);
  const intervalIds = Array.from({ length: FORECAST_DAYS }, (_, day) => intervalId - (day + 1) * perDay);
  return forecastPrice({ sameTime: await listPrices(store.db, { areaId, intervalIds }), newest });
}

function forecastBody(forecast: PriceForecast): z.infer<typeof forecastWire> {
  switch (forecast.basis) {
    case "sameTime": {
      const days = forecast.days === 1 ? "the day before" : `${forecast.days} earlier days`;
      return {
        energyMicroPerKwh: String(forecast.priceMicroPerKwh),
        sentence: `mean of the same time on ${days}`,
      };
    }
    case "newest":
      return {
        energyMicroPerKwh: String(forecast.priceMicroPerKwh),
        sentence: "the newest price, until there is an earlier day to compare with",
      };
    case "none":
      return { energyMicroPerKwh: null, sentence: "nothing has been traded yet" };
  }
}

function retailBody(
  { retailParts, tariffOf }: Pick<PoolContext, "retailParts" | "tariffOf">,
  areaId: number,
  intervalId: number,
) {
  const parts = retailParts.get(areaId);
  const tariff = tariffOf(areaId, intervalId);
  if (parts === undefined || tariff === null) return null;
  const { gridFeeMicroPerKwh, leviesMicroPerKwh } = parts;
  return {
    energyMicroPerKwh: String(tariff.retailMicroPerKwh - gridFeeMicroPerKwh - leviesMicroPerKwh),
    gridFeeMicroPerKwh: String(gridFeeMicroPerKwh),
    leviesMicroPerKwh: String(leviesMicroPerKwh),
  };
}

function flowBody(
  context: PoolContext,
  { areaId, intervalSeconds }: AreaView,
): z.infer<typeof flowWire> | null {
  const flows = context.flows.get(areaId);
  if (flows === undefined) return null;
  const intervalId = flows.history.newest();
  const flow = intervalId === null ? null : flows.history.area(intervalId);
  if (intervalId === null || flow === null) return null;
  return {
    intervalId,
    startsAt: startsAt(intervalId, intervalSeconds),
    endsAt: endsAt(intervalId, intervalSeconds),
    loadWh: String(flow.loadWh),
    pvWh: String(flow.pvWh),
    chargedWh: String(flow.chargedWh),
    dischargedWh: String(flow.dischargedWh),
    storedWh: String(flow.storedWh),
    capacityWh: String(flows.capacityWh),
    gridImportWh: String(flow.gridImportWh),
    gridExportWh: String(flow.gridExportWh),
    localWh: String(flow.localWh),
  };
}

/** Today in the area's zone: what was bought from neighbours, and what it saved against the tariff alone. */
async function dayBody(
  { store, timeZone }: PoolContext,
  areaId: number,
  now: number,
): Promise<z.infer<typeof dayWire>> {
  const { from, to } = localDay(createLocalClock(timeZone), now);
  const sums = await sumDay(store.db, { areaId, from, to });
  const localWh = sums.importWh - sums.gridImportWh;
  return {
    from,
    to,
    intervals: sums.intervals,
    importWh: String(sums.importWh),
    exportWh: String(sums.exportWh),
    localWh: String(localWh),
    localShare: sums.importWh > 0n ? Number(localWh) / Number(sums.importWh) : 0,
    marketBillMicro: String(sums.marketBillMicro),
    tariffBillMicro: String(sums.tariffBillMicro),
    savingMicro: String(sums.tariffBillMicro - sums.marketBillMicro),
  };
}
