import { z } from "zod";
import { type AreaView, findArea, listAreas } from "#domains/pool/queries/areas.ts";
import { areaWire } from "#domains/pool/wire.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";
import type { PoolContext } from "./poolContext.ts";

/** Market areas and their rules. */
export function addAreas(app: Api, context: PoolContext): void {
  const { db } = context.store;
  app.get(
    "/v1/areas",
    { schema: describeRoute("areas", "All market areas", { body: z.object({ areas: z.array(areaWire) }) }) },
    async () => ({ areas: (await listAreas(db)).map((area) => areaBody(area, context)) }),
  );
  app.get(
    "/v1/areas/:areaId",
    { schema: { params: areaParams, ...describeRoute("areas", "One market area", { body: areaWire }) } },
    async ({ params }) => areaBody(await requireArea(context, params.areaId), context),
  );
}

/** @throws NotFoundError when the chain knows no such area */
export async function requireArea({ store }: Pick<PoolContext, "store">, areaId: number): Promise<AreaView> {
  const area = await findArea(store.db, areaId);
  if (area === null) throw new NotFoundError(`area ${areaId}`);
  return area;
}

function areaBody(area: AreaView, { areaNames }: PoolContext): z.infer<typeof areaWire> {
  const { areaId, supplier, dso, fund } = area;
  return {
    areaId,
    name: areaNames.get(areaId)?.name ?? null,
    operator: area.operator,
    accounts: { supplier, dso, fund },
    terms: termsBody(area),
    createdAt: area.createdAt,
    transactionHash: area.transactionHash,
  };
}

/** The rules of an area as they go over HTTP. */
export function termsBody(area: AreaView): z.infer<typeof areaWire>["terms"] {
  return {
    intervalSeconds: area.intervalSeconds,
    gateClosureSeconds: area.gateClosureSeconds,
    pricing: area.pricing,
    floorMicroPerKwh: String(area.floorMicroPerKwh),
    ceilingMicroPerKwh: String(area.ceilingMicroPerKwh),
    upstreamPriceMicroPerKwh: String(area.upstreamPriceMicroPerKwh),
    penaltyPermille: String(area.penaltyPermille),
    surplusPriceMicroPerKwh: String(area.surplusPriceMicroPerKwh),
    gridFeeMicroPerKwh: String(area.gridFeeMicroPerKwh),
  };
}
