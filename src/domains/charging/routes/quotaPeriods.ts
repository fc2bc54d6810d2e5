import { accountOfMember } from "#domains/accounts/queries/seats.ts";
import { type MeteredPower, meteredPowerOf } from "#domains/charging/queries/meteredPower.ts";
import {
  findQuotaPeriod,
  listPeriodsOfStation,
  listQuotaOrders,
  listQuotaPeriods,
  listQuotaTerms,
  listQuotaTrades,
  listStationsOf,
  type QuotaPeriodView,
  type QuotaTermsView,
} from "#domains/charging/queries/quotaPeriods.ts";
import {
  quotaPeriodParams,
  quotaPeriodsQuery,
  quotaPeriodsWire,
  quotaPeriodWholeWire,
  quotaStationParams,
  quotaTermsOfAreaWire,
  stationPeriodsQuery,
  stationPeriodsWire,
} from "#domains/charging/wire.ts";
import { present } from "#kernel/units/assert.ts";
import { intervalAt } from "#kernel/units/interval.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";
import { betaIn, periodBody, quotaOrderBody, stationBody, termsBody, windowsBody } from "./quotaBodies.ts";

/** Periods of charging quotas, whole or as a station has them. All of it is on the chain for everybody, by number. */
export function addQuotaPeriods(app: Api, context: ApiContext): void {
  app.get(
    "/v1/areas/:areaId/quota-terms",
    {
      schema: {
        params: areaParams,
        ...describeRoute("charging", "Rules of an area's charging quotas", { body: quotaTermsOfAreaWire }),
      },
    },
    async ({ params }) => termsOfArea(context, params.areaId),
  );
  app.get(
    "/v1/areas/:areaId/quota-periods",
    {
      schema: {
        params: areaParams,
        querystring: quotaPeriodsQuery,
        ...describeRoute("charging", "Periods of charging quotas, the newest first", {
          body: quotaPeriodsWire,
        }),
      },
    },
    async ({ params, query }) => {
      const rows = await listQuotaPeriods(context.store.db, { ...params, ...query });
      const next = rows.length === query.limit ? (rows.at(-1)?.period ?? null) : null;
      return { periods: await summaries(context, params.areaId, rows), next };
    },
  );
  app.get(
    "/v1/areas/:areaId/quota-periods/:period",
    {
      schema: {
        params: quotaPeriodParams,
        ...describeRoute("charging", "A period whole: stations, auction, payments", {
          body: quotaPeriodWholeWire,
        }),
      },
    },
    async ({ params }) => wholePeriod(context, await requireQuotaPeriod(context, params)),
  );
  app.get(
    "/v1/areas/:areaId/stations/:member/quota-periods",
    {
      schema: {
        params: quotaStationParams,
        querystring: stationPeriodsQuery,
        ...describeRoute("charging", "A station's periods, the newest first", { body: stationPeriodsWire }),
      },
    },
    async ({ params, query }) => stationPeriods(context, { ...params, ...query }),
  );
}

/** @throws NotFoundError when nothing was said of the period's margin */
export async function requireQuotaPeriod(
  { store }: Pick<ApiContext, "store">,
  place: { readonly areaId: number; readonly period: number },
): Promise<QuotaPeriodView> {
  const found = await findQuotaPeriod(store.db, place);
  if (found === null) throw new NotFoundError(`period ${place.period} of area ${place.areaId} on the chain`);
  return found;
}

async function termsOfArea({ store, now }: ApiContext, areaId: number) {
  const versions = await listQuotaTerms(store.db, areaId);
  const current = versions.findLast(
    ({ fromPeriod, periodSeconds }) => fromPeriod <= intervalAt(now(), periodSeconds),
  );
  return { areaId, versions: versions.map(termsBody), current: current?.version ?? null };
}

/** The terms that hold for periods, by version: the market opens none without. */
async function termsByVersion({ store }: Pick<ApiContext, "store">, areaId: number) {
  const versions = new Map((await listQuotaTerms(store.db, areaId)).map((terms) => [terms.version, terms]));
  return ({ termsVersion }: QuotaPeriodView): QuotaTermsView =>
    present(versions.get(termsVersion), `version ${termsVersion} of the terms of area ${areaId}`);
}

/** Periods of one area with what their stations and meters come to. */
export async function summaries(
  context: Pick<ApiContext, "store">,
  areaId: number,
  rows: readonly QuotaPeriodView[],
) {
  const termsOf = await termsByVersion(context, areaId);
  const stations = await listStationsOf(context.store.db, rows);
  const powers = await powersOf(context, areaId, rows);
  return rows.map((row) =>
    periodBody(row, {
      terms: termsOf(row),
      stations: stations.filter(({ period }) => period === row.period),
      powers,
    }),
  );
}

/** What the meters of an area say of the intervals of some periods, the newest first. */
async function powersOf(
  { store }: Pick<ApiContext, "store">,
  areaId: number,
  rows: readonly QuotaPeriodView[],
): Promise<ReadonlyMap<number, MeteredPower>> {
  const [newest, oldest] = [rows[0], rows.at(-1)];
  if (!newest || !oldest) return new Map();
  const last = newest.intervalId + newest.intervals - 1;
  return meteredPowerOf(store.db, { areaId, first: oldest.intervalId, last });
}

async function wholePeriod(context: ApiContext, row: QuotaPeriodView) {
  const { db } = context.store;
  const terms = (await termsByVersion(context, row.areaId))(row);
  const stations = await listStationsOf(db, [row]);
  const orders = await listQuotaOrders(db, [row]);
  const trades = await listQuotaTrades(db, row);
  const powers = await powersOf(context, row.areaId, [row]);
  const ofSide = (side: "bid" | "offer") => orders.filter((order) => order.side === side).map(quotaOrderBody);
  return {
    ...periodBody(row, { terms, stations, powers }),
    terms: termsBody(terms),
    dso: row.dso,
    fund: row.fund,
    stationList: stations.map(stationBody),
    book: row.isBookKnown ? { bids: ofSide("bid"), offers: ofSide("offer") } : null,
    tradeList: trades.map(({ buyer, seller, quotaW, priceMicroPerKw }) => ({
      ...{ buyer, seller, quotaW },
      priceMicroPerKw: String(priceMicroPerKw),
    })),
    bookRoot: row.bookRoot,
    transactions: {
      initialized: row.initializedIn,
      allocated: row.allocatedIn,
      cleared: row.clearedIn,
    },
  };
}

async function stationPeriods(
  context: ApiContext,
  asked: { areaId: number; member: number; before?: number | undefined; limit: number },
) {
  const { db } = context.store;
  const { areaId, member, limit } = asked;
  const account = await accountOfMember(db, asked);
  if (account === null) throw new NotFoundError(`member ${member} of area ${areaId}`);
  const rows = await listPeriodsOfStation(db, { ...asked, account });
  const [newest, oldest] = [rows[0], rows.at(-1)];
  const periods = new Map(
    (newest && oldest
      ? await listQuotaPeriods(db, {
          areaId,
          before: newest.period + 1,
          limit: newest.period - oldest.period + 1,
        })
      : []
    ).map((period) => [period.period, period]),
  );
  const termsOf = await termsByVersion(context, areaId);
  const orders = await listQuotaOrders(db, rows, member);
  return {
    areaId,
    member,
    account,
    periods: rows.map((station) => {
      const period = present(periods.get(station.period), "the period of a station");
      const { stage, startsAt, endsAt, intervalId, tariffMicroPerKwh, localPriceMicroPerKw, isBookKnown } =
        period;
      return {
        ...stationBody(station),
        ...{ period: period.period, intervalId, startsAt, endsAt, stage },
        windows: windowsBody(period, termsOf(period)),
        tariffMicroPerKwh: String(tariffMicroPerKwh),
        beta: betaIn(period),
        localPriceMicroPerKw: localPriceMicroPerKw === null ? null : String(localPriceMicroPerKw),
        orders: isBookKnown
          ? orders.filter((order) => order.period === period.period).map(quotaOrderBody)
          : null,
      };
    }),
    next: rows.length === limit ? (oldest?.period ?? null) : null,
  };
}
