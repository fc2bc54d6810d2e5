import { sendCsv } from "#domains/billing/routes/csvExports.ts";
import {
  listQuotaPeriods,
  listStationsOf,
  type QuotaPeriodView,
  type QuotaStationView,
} from "#domains/charging/queries/quotaPeriods.ts";
import { quotaSpanQuery } from "#domains/charging/wire.ts";
import { createLocalClock, type LocalClock } from "#kernel/units/localClock.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { type CsvColumns, csvText } from "#platform/api/csv.ts";
import { localIsoText, utcIsoText } from "#platform/api/localTime.ts";
import { describeText } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";
import { betaIn } from "./quotaBodies.ts";

const EXAMPLE = "starts_at_utc,starts_at_local,…\r\n2026-05-04T10:30:00Z,2026-05-04T18:30:00+08:00,…\r\n";
/** Periods that are read at a time. */
const PAGE_PERIODS = 96;

/** Each station of each period as a table for a spreadsheet, the newest period first. */
export function addQuotaCsv(app: Api, context: ApiContext): void {
  const clock = createLocalClock(context.timeZone);
  app.get(
    "/v1/areas/:areaId/quota-periods.csv",
    {
      schema: {
        params: areaParams,
        querystring: quotaSpanQuery,
        ...describeText("charging", "Charging quotas, station by station, as CSV", "text/csv", EXAMPLE),
      },
    },
    async ({ params, query }, reply) => {
      const table = csvText(columnsOf(clock), rowsOf(context, { ...params, ...query }));
      return sendCsv(reply, `commonwatt-area-${params.areaId}-quotas.csv`, table);
    },
  );
}

type Row = { readonly period: QuotaPeriodView; readonly station: QuotaStationView };

async function* rowsOf(
  { store: { db } }: ApiContext,
  span: { readonly areaId: number; readonly from?: number | undefined; readonly to?: number | undefined },
): AsyncGenerator<readonly Row[]> {
  let before: number | undefined;
  for (;;) {
    const periods = await listQuotaPeriods(db, { ...span, before, limit: PAGE_PERIODS });
    const stations = await listStationsOf(db, periods);
    yield periods.flatMap((period) =>
      stations.filter((station) => station.period === period.period).map((station) => ({ period, station })),
    );
    if (periods.length < PAGE_PERIODS) return;
    before = periods.at(-1)?.period;
  }
}

/** What is not known yet is an empty cell. */
function columnsOf(clock: LocalClock): CsvColumns<Row> {
  return [
    ["starts_at_utc", ({ period }) => utcIsoText(period.startsAt)],
    ["starts_at_local", ({ period }) => localIsoText(period.startsAt, clock)],
    ["area_id", ({ period }) => period.areaId],
    ["period", ({ period }) => period.period],
    ["margin_w", ({ period }) => period.marginW],
    ["forecast_w", ({ period }) => period.forecastW],
    ["reserve_w", ({ period }) => period.reserveW],
    ["beta", ({ period }) => betaText(betaIn(period))],
    ["price_micro_per_kw", ({ period }) => period.localPriceMicroPerKw],
    ["tariff_micro_per_kwh", ({ period }) => period.tariffMicroPerKwh],
    ["member", ({ station }) => station.member],
    ["account", ({ station }) => station.account],
    ["demand_w", ({ station }) => station.demandW],
    ["deposit_micro", ({ station }) => station.depositMicro],
    ["allocated_w", ({ station }) => station.allocatedW],
    ["traded_w", ({ station }) => station.tradedW],
    ["quota_micro", ({ station }) => station.quotaMicro],
    ["metered_wh", ({ station }) => station.meteredWh],
    ["excess_wh", ({ station }) => station.excessWh],
    ["fee_micro", ({ station }) => station.feeMicro],
    ["penalty_micro", ({ station }) => station.penaltyMicro],
    ["readings_missing", ({ station }) => station.missing],
    ["withdrawn_micro", ({ station }) => station.withdrawnMicro],
  ];
}

function betaText(beta: number | null): string | null {
  return beta === null ? null : beta.toFixed(6);
}
