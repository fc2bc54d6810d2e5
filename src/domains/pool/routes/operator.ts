import type { z } from "zod";
import { type AreaView, listAreas } from "#domains/pool/queries/areas.ts";
import { sumSpending, sumThroughput } from "#domains/pool/queries/operator.ts";
import { operatorWire } from "#domains/pool/wireOperator.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { orNull } from "#platform/api/decimalText.ts";
import { requireOperator } from "#platform/api/identity/access.ts";
import { checkReadiness } from "#platform/api/operation/health.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { areaQuery } from "#platform/api/wire.ts";
import { findExceptions } from "./exceptions.ts";
import type { PoolContext } from "./poolContext.ts";

/** What an operator looks at: what needs a person, whether everything runs, what it takes and how fast it goes. */
export function addOperator(app: Api, context: PoolContext): void {
  app.get(
    "/v1/operator",
    {
      schema: {
        querystring: areaQuery,
        ...describeRoute("operator", "What needs the operator of an area; its operator only", {
          body: operatorWire,
        }),
      },
    },
    async (request, reply) => {
      const { areaId } = request.query;
      const { operatedAreas } = await requireOperator(context, request, areaId);
      const operated = new Set(operatedAreas.map((area) => area.areaId));
      const areas = (await listAreas(context.store.db)).filter(
        (area) => operated.has(area.areaId) && (areaId === undefined || area.areaId === areaId),
      );
      reply.header("cache-control", "no-store");
      return operatorBody(context, areas);
    },
  );
}

async function operatorBody(
  context: PoolContext,
  areas: readonly AreaView[],
): Promise<z.infer<typeof operatorWire>> {
  const { db } = context.store;
  const now = context.now();
  const areaIds = areas.map(({ areaId }) => areaId);
  const checks = await checkReadiness(context);
  const { byPurpose, marketGas } = await sumSpending(db, areaIds);
  const { gridFeeMicro, remainderMicro, ...throughput } = await sumThroughput(db, { areaIds, now });
  const { trades, lastSettledAt } = throughput;
  const gasUsed = byPurpose.reduce((sum, purpose) => sum + purpose.gasUsed, 0n);
  return {
    now,
    exceptions: await findExceptions(context, { areas, checks }),
    health: [...checks],
    spending: {
      transactions: byPurpose.reduce((sum, { transactions }) => sum + transactions, 0),
      gasUsed: String(gasUsed),
      gasPerTrade: orNull(trades === 0 ? null : marketGas / BigInt(trades)),
      byPurpose: byPurpose.map((purpose) => ({ ...purpose, gasUsed: String(purpose.gasUsed) })),
      gridFeeMicro: String(gridFeeMicro),
      remainderMicro: String(remainderMicro),
    },
    throughput: {
      ...throughput,
      clearedWh: String(throughput.clearedWh),
      lagSeconds: lastSettledAt === null ? null : now - lastSettledAt,
      processedPerHour: context.processedPerHour(),
    },
  };
}
