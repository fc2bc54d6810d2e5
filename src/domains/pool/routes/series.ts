import type { z } from "zod";
import { listSeats } from "#domains/accounts/queries/seats.ts";
import { seriesWire } from "#domains/billing/wireSeries.ts";
import type { HomeFlow } from "#domains/metering/flows.ts";
import { findArea } from "#domains/pool/queries/areas.ts";
import { readSeries } from "#domains/pool/queries/community.ts";
import { seriesParams, seriesQuery } from "#domains/pool/wireCommunity.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { MAX_COLUMN_ROWS, requireColumnSpan } from "#platform/api/columnSpan.ts";
import { NotYoursError, requireOwner } from "#platform/api/identity/access.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import type { PoolContext } from "./poolContext.ts";

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
      const { areaIds, shownAreaIds = areaIds } = await requireOwner(context, request, params.account);
      const areaId = query.areaId ?? areaIds.find((own) => shownAreaIds.includes(own)) ?? null;
      if (areaId !== null && !shownAreaIds.includes(areaId)) throw new NotYoursError(`area ${areaId}`);
      requireColumnSpan(query);
      return seriesBody(context, { ...params, ...query, areaId });
    },
  );
}

async function seriesBody(
  context: PoolContext,
  range: { areaId: number | null; account: number; from: number; to: number },
): Promise<z.infer<typeof seriesWire>> {
  const { db } = context.store;
  const { account, from, to } = range;
  const areaId = range.areaId ?? NO_AREA;
  const area = await findArea(db, areaId);
  const { intervalId, ...columns } = await readSeries(db, {
    account,
    areaId,
    from,
    to,
    limit: MAX_COLUMN_ROWS,
  });
  const flows = await flowsOf(context, { account, areaId, intervalIds: intervalId });
  return {
    account,
    areaId: range.areaId,
    intervalSeconds: area?.intervalSeconds ?? 0,
    ...columns,
    loadWh: flows.map((flow) => flow?.loadWh ?? null),
    pvWh: flows.map((flow) => flow?.pvWh ?? null),
    storedWh: flows.map((flow) => flow?.storedWh ?? null),
  };
}

/** No area has this number. */
const NO_AREA = 0;

type Flow = Pick<HomeFlow, "loadWh" | "pvWh" | "storedWh">;

/** What happened behind the meters of an account in an area, all together; null without a sub-meter. */
async function flowsOf(
  { store, flows }: PoolContext,
  { account, areaId, intervalIds }: { account: number; areaId: number; intervalIds: readonly number[] },
): Promise<(Flow | null)[]> {
  const history = flows.get(areaId)?.history;
  const own = (await listSeats(store.db, [account])).filter((seat) => seat.areaId === areaId);
  return intervalIds.map((id) =>
    own
      .map(({ member }) => history?.home(id, member) ?? null)
      .reduce<Flow | null>((sum, flow) => (sum && flow ? addFlows(sum, flow) : (sum ?? flow)), null),
  );
}

function addFlows(one: Flow, other: Flow): Flow {
  return {
    loadWh: one.loadWh + other.loadWh,
    pvWh: one.pvWh + other.pvWh,
    storedWh: one.storedWh + other.storedWh,
  };
}
