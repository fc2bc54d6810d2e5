import type { z } from "zod";
import { seriesWire } from "#domains/billing/wireSeries.ts";
import { findArea } from "#domains/pool/queries/areas.ts";
import { readSeries } from "#domains/pool/queries/community.ts";
import { seriesParams, seriesQuery } from "#domains/pool/wireCommunity.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import type { PoolContext } from "./poolContext.ts";

/** A leap year, and the hour that autumn repeats. */
const MAX_SECONDS = 366 * 86_400 + 3_600;
const LEAST_INTERVAL_SECONDS = 60;
const MAX_ROWS = MAX_SECONDS / LEAST_INTERVAL_SECONDS;

/** The intervals of an account in columns: a year of quarter-hours in one answer, for charts (R6.10). */
export function addSeries(app: Api, context: PoolContext): void {
  const summary = "Consumption, generation, trades and cost of a participant, interval by interval";
  app.get(
    "/v1/participants/:account/series",
    {
      schema: {
        params: seriesParams,
        querystring: seriesQuery,
        ...describeRoute("participants", summary, { body: seriesWire }),
      },
    },
    async (request) => {
      const { params, query } = request;
      const { areaId } = await requireOwner(context, request, params.account);
      if (query.to < query.from || query.to - query.from > MAX_SECONDS)
        throw new SeriesRangeError(query.from, query.to);
      return seriesBody(context, { areaId, ...params, ...query });
    },
  );
}

async function seriesBody(
  context: PoolContext,
  range: { areaId: number | null; account: number; from: number; to: number },
): Promise<z.infer<typeof seriesWire>> {
  const { db } = context.store;
  const area = range.areaId === null ? null : await findArea(db, range.areaId);
  const { intervalId, ...columns } = await readSeries(db, { ...range, limit: MAX_ROWS });
  const flows = intervalId.map((id) => context.flows?.history.home(id, range.account) ?? null);
  return {
    account: range.account,
    intervalSeconds: area?.intervalSeconds ?? 0,
    ...columns,
    loadWh: flows.map((flow) => flow?.loadWh ?? null),
    pvWh: flows.map((flow) => flow?.pvWh ?? null),
    storedWh: flows.map((flow) => flow?.storedWh ?? null),
  };
}

export class SeriesRangeError extends DomainError {
  readonly code = "seriesRange";

  constructor(from: number, to: number) {
    super(`a series goes forward over at most 366 days; ${from} s to ${to} s does not`);
  }
}
