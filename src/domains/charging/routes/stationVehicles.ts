import { accountOfMember } from "#domains/accounts/queries/seats.ts";
import { listQuotaPeriods, listStationsOf } from "#domains/charging/queries/quotaPeriods.ts";
import type { StationNow } from "#domains/charging/schedule/stationNow.ts";
import { waitingReasons } from "#domains/charging/schedule/waitingReason.ts";
import { stationVehiclesParams, stationVehiclesWire } from "#domains/charging/sessionWire.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import type { SessionContext } from "./sessionContext.ts";

/** Who is at a station now, and why a vehicle waits: for the station's owner alone. */
export function addStationVehicles(app: Api, context: SessionContext): void {
  app.get(
    "/v1/areas/:areaId/stations/:member/vehicles",
    {
      schema: {
        params: stationVehiclesParams,
        ...describeRoute("charging", "Vehicles at a station now, and why each waits that does", {
          body: stationVehiclesWire,
        }),
      },
    },
    async (request) => {
      const { params } = request;
      const account = await accountOfMember(context.store.db, params);
      if (account === null) throw new NotFoundError(`member ${params.member} of area ${params.areaId}`);
      await requireOwner(context, request, account);
      const now = (await context.stationsNow?.get(params.areaId)?.(params.member)) ?? null;
      return { now: now && { ...stationBody(now), ...(await demandOf(context, params, now)) } };
    },
  );
}

function stationBody(now: StationNow) {
  const { startsAt, limitUntil, points, site, vehicles, offeredW } = now;
  const reasons = new Map(waitingReasons(now).map(({ limitW: _, id, ...reason }) => [id, reason]));
  return {
    ...{ startsAt, limitUntil, points },
    limitW: site.limitW[0] ?? 0,
    vehicles: vehicles.map(({ id, until, wantedWh, mostW }, i) => ({
      ...{ id, mostW, wantedWh: Math.round(wantedWh) },
      leavesAt: startsAt + until * site.intervalSeconds,
      offeredW: offeredW[i] ?? 0,
      waiting: reasons.get(id) ?? null,
    })),
  };
}

/** What the station asked for in the period of its limit, as the chain has it. */
async function demandOf(
  { store }: SessionContext,
  place: { readonly areaId: number; readonly member: number },
  { limitUntil }: StationNow,
) {
  const { areaId, member } = place;
  const periods = await listQuotaPeriods(store.db, { areaId, limit: LAST_PERIODS });
  const period = periods.find(({ endsAt }) => endsAt === limitUntil);
  if (period === undefined) return { demandW: null, isRationed: null };
  const stations = await listStationsOf(store.db, [period]);
  const station = stations.find((each) => each.member === member);
  return { demandW: station?.demandW ?? null, isRationed: period.isRationed };
}

/** The period that runs, and those that are prepared. */
const LAST_PERIODS = 4;
