import { memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { findStation } from "#domains/charging/queries/sessions.ts";
import {
  type AskingVehicle,
  type Promised,
  promiseCharging,
} from "#domains/charging/schedule/chargingPromise.ts";
import type { StationNow } from "#domains/charging/schedule/stationNow.ts";
import type { HeldSession } from "#domains/charging/sessionLedger.ts";
import { invoiceSession } from "#domains/charging/sessions/invoice.ts";
import type { ChargingTariff } from "#domains/charging/sessions/tariff.ts";
import {
  chargingPricesWire,
  driverSessionWire,
  promiseQuery,
  promiseWire,
  saltHeaders,
  sessionParams,
} from "#domains/charging/sessionWire.ts";
import { EFFICIENCY, MINIMUM_CURRENT_A, VOLTAGE_V } from "#domains/charging/station/vehicle.ts";
import type { LocalClock } from "#kernel/units/localClock.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";
import { invoiceBody, sessionBody, tariffBody } from "./sessionBodies.ts";
import type { SessionContext } from "./sessionContext.ts";
import { runningBody, runningByToken } from "./sessionRecords.ts";
import { requireEntry } from "./sessions.ts";

/**
 * What a session costs, for everybody. A session as its driver sees it, and what the station can promise it. Both say where somebody charges and how full a station is: they are
 * for who has the session's salt, and for the owner of the payee's account.
 */
export function addDriverSession(app: Api, context: SessionContext): void {
  addPrices(app, context);
  const ofSession = { params: sessionParams, headers: saltHeaders };
  app.get(
    "/v1/areas/:areaId/sessions/:id/driver",
    {
      schema: {
        ...ofSession,
        ...describeRoute("charging", "A session as its driver sees it, by its salt", {
          body: driverSessionWire,
        }),
      },
    },
    async (request) => {
      const { entry, office, session } = await requireEntry(context, request, request.params);
      const { held, invoiced } = entry;
      const running = runningByToken(office).get(held.idToken);
      return {
        session: sessionBody(session),
        ...{ stationId: held.stationId, idToken: held.idToken, timeZone: context.timeZone },
        tariff: tariffBody(held.tariff),
        running: invoiced === null && running ? runningBody(running) : null,
        invoice: invoiced === null ? null : invoiceBody({ ...entry, invoiced }),
        hasPromise: invoiced === null && (await stationOf(context, request.params, held)) !== null,
      };
    },
  );
  app.get(
    "/v1/areas/:areaId/sessions/:id/promise",
    {
      schema: {
        ...ofSession,
        querystring: promiseQuery,
        ...describeRoute(
          "charging",
          "What a station can promise a session's vehicle, by the session's salt",
          {
            body: promiseWire,
          },
        ),
      },
    },
    async (request) => {
      const { params, query } = request;
      const { entry, office } = await requireEntry(context, request, params);
      const now = await stationOf(context, params, entry.held);
      if (now === null) throw new NotFoundError(`promise of station ${entry.held.stationId} here`);
      return promiseBody({ now, query, tariff: entry.held.tariff, clock: office.clock });
    },
  );
}

function addPrices(app: Api, context: SessionContext): void {
  app.get(
    "/v1/areas/:areaId/charging-prices",
    {
      schema: {
        params: areaParams,
        ...describeRoute("charging", "What a session costs at each station", { body: chargingPricesWire }),
      },
    },
    async ({ params }) => ({
      timeZone: context.timeZone,
      stations: (context.sessionOffices?.get(params.areaId)?.stations ?? []).map(
        ({ stationId, stationHash, payee, tariff, published }) => ({
          ...{ stationId, stationHash, payeeMember: memberOfSeat(payee) },
          tariff: tariffBody(tariff),
          offsets: [...published.offsets],
        }),
      ),
    }),
  );
}

/** The session's station as it is now; null where this process does not run it. */
async function stationOf(
  { store, stationsNow }: SessionContext,
  { areaId }: { readonly areaId: number },
  { stationHash }: HeldSession,
): Promise<StationNow | null> {
  const place = await findStation(store.db, stationHash);
  if (place === null || place.areaId !== areaId) return null;
  return (await stationsNow?.get(areaId)?.(place.member)) ?? null;
}

type Query = {
  readonly capacityWh: number;
  readonly storedWh: number;
  readonly targetWh: number;
  readonly mostW: number;
  readonly departsAt: number;
};

/** A socket's phase gives 32 A; who takes more is on three. */
const MOST_OF_A_PHASE_W = 32 * VOLTAGE_V;
const SECONDS_PER_HOUR = 3_600;

function promiseBody({
  now,
  query,
  ...prices
}: {
  readonly now: StationNow;
  readonly query: Query;
  readonly tariff: ChargingTariff;
  readonly clock: LocalClock;
}) {
  const { limitUntil, site } = now;
  const asking = askingOf(query);
  const { alone, crowded, others, comers } = promiseCharging(asking, now);
  const bodyOf = (promised: Promised) => ({
    energyWh: Math.floor(promised.energyWh),
    storedWh: Math.min(query.capacityWh, Math.floor(query.storedWh + promised.energyWh * EFFICIENCY)),
    fullAt: promised.fullAt,
    costMicro: String(costOf(promised, { now, wantedWh: asking.wantedWh, ...prices })),
  });
  return {
    ...{ alone: bodyOf(alone), crowded: bodyOf(crowded), others, comers, limitUntil },
    limitW: site.limitW[0] ?? 0,
  };
}

/** What the battery lacks is more at the meter. */
function askingOf({ storedWh, targetWh, capacityWh, mostW, departsAt }: Query): AskingVehicle {
  const lacksWh = Math.max(0, Math.min(targetWh, capacityWh) - storedWh);
  const phases = mostW > MOST_OF_A_PHASE_W ? ([0, 1, 2] as const) : ([0] as const);
  const leastW = MINIMUM_CURRENT_A * VOLTAGE_V * phases.length;
  return { wantedWh: lacksWh / EFFICIENCY, mostW: Math.max(mostW, leastW), leastW, phases, departsAt };
}

/** The invoice of what is promised, were it to come so. */
function costOf(
  { offeredW, fullAt }: Promised,
  {
    now: { startsAt, site },
    wantedWh,
    tariff,
    clock,
  }: {
    readonly now: StationNow;
    readonly wantedWh: number;
    readonly tariff: ChargingTariff;
    readonly clock: LocalClock;
  },
): bigint {
  const { intervalSeconds } = site;
  const last = offeredW.findLastIndex((powerW) => powerW > 0);
  const chargingEndedAt = fullAt ?? startsAt + (last + 1) * intervalSeconds;
  let registerWh = 0;
  const readings = offeredW.slice(0, last + 1).map((powerW, i) => {
    registerWh = Math.min(wantedWh, registerWh + (powerW * intervalSeconds) / SECONDS_PER_HOUR);
    const at = Math.min(startsAt + (i + 1) * intervalSeconds, chargingEndedAt);
    return { at, registerWh: BigInt(Math.floor(registerWh)) };
  });
  const session = {
    ...{ stationId: "", sessionId: "", evseId: 1, idToken: "", notes: [], idle: [] },
    ...{ startedAt: startsAt, chargingEndedAt, endedAt: chargingEndedAt },
    readings: [{ at: startsAt, registerWh: 0n }, ...readings],
    energyWh: BigInt(Math.floor(registerWh)),
  };
  return invoiceSession(session, { tariff, clock }).totalMicro;
}
