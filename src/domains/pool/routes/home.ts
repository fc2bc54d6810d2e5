import { requireDevice } from "#domains/metering/routes/requireDevice.ts";
import { meterParams } from "#domains/metering/wireMeters.ts";
import { type HomePlace, newestPosition, sumHome } from "#domains/pool/queries/home.ts";
import { homeWire } from "#domains/pool/wireHome.ts";
import { startsAt } from "#kernel/units/interval.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { localDay } from "#kernel/units/localDay.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { requireArea } from "./areas.ts";
import type { PoolContext } from "./poolContext.ts";

/** What a home wants to know of itself, for the device of its meter: trades, today's sums, and what its agent plans (R2.50, R6.10). */
export function addHome(app: Api, context: PoolContext): void {
  app.get(
    "/v1/meters/:meterId/home",
    {
      schema: {
        params: meterParams,
        ...describeRoute("readings", "What a home traded, saved and plans, for its meter's device", {
          body: homeWire,
        }),
      },
    },
    async (request) => {
      const { meterId } = request.params;
      const { areaId, member, account } = await requireDevice(context, request, meterId);
      const place = { areaId, member, account };
      const { intervalSeconds } = await requireArea(context, areaId);
      const { store, timeZone, currency } = context;
      const now = context.now();
      const traded = await newestPosition(store.db, place);
      const today = localDay(createLocalClock(timeZone), now);
      return {
        ...{ meterId, ...place, now, currency },
        traded: traded && {
          intervalId: traded.intervalId,
          startsAt: startsAt(traded.intervalId, intervalSeconds),
          boughtWh: String(traded.boughtWh),
          soldWh: String(traded.soldWh),
        },
        today: await sumsBody(context, place, today),
        total: await sumsBody(context, place, { from: 0, to: today.to }),
        plan: planOf(context, place, intervalSeconds),
      };
    },
  );
}

async function sumsBody({ store }: PoolContext, place: HomePlace, span: { from: number; to: number }) {
  const sums = await sumHome(store.db, place, span);
  return {
    localImportWh: String(sums.localImportWh),
    gridImportWh: String(sums.gridImportWh),
    localExportWh: String(sums.localExportWh),
    gridExportWh: String(sums.gridExportWh),
    costMicro: String(sums.costMicro),
    tariffMicro: String(sums.tariffMicro),
  };
}

function planOf({ orderDesk }: PoolContext, { areaId, member }: HomePlace, intervalSeconds: number) {
  return orderDesk
    .openOrders()
    .filter((order) => order.areaId === areaId && order.participant === member)
    .sort((a, b) => a.intervalId - b.intervalId)
    .map(({ intervalId, side, energyWh, limitPriceMicroPerKwh }) => ({
      intervalId,
      startsAt: startsAt(intervalId, intervalSeconds),
      side,
      energyWh: String(energyWh),
      limitPriceMicroPerKwh: String(limitPriceMicroPerKwh),
    }));
}
