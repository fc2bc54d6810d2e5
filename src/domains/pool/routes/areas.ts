import { z } from "zod";
import { type AreaView, findArea, listAreas, type TermsView, termsAt } from "#domains/pool/queries/areas.ts";
import { areaWire } from "#domains/pool/wire.ts";
import { intervalAt } from "#kernel/units/interval.ts";
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

/** @throws NotFoundError when the chain knows no such area, or it has no pool */
export async function requireArea({ store }: Pick<PoolContext, "store">, areaId: number): Promise<AreaView> {
  const area = await findArea(store.db, areaId);
  if (area === null) throw new NotFoundError(`area ${areaId}`);
  return area;
}

function areaBody(area: AreaView, { areaNames, now }: PoolContext): z.infer<typeof areaWire> {
  const { areaId, supplier, dso, fund, accounts, versions } = area;
  return {
    areaId,
    name: areaNames.get(areaId)?.name ?? null,
    operator: area.operator,
    gateway: area.gateway,
    accounts: { ...accounts },
    members: { supplier, dso, fund },
    waitingSeconds: area.waitingSeconds,
    terms: termsBody(termsAt(area, intervalAt(now(), area.intervalSeconds))),
    versions: versions.map(termsBody),
    openedAt: area.openedAt,
    transactionHash: area.transactionHash,
  };
}

/** The area asked for, or the first one. */
export async function areaOrFirst(context: PoolContext, areaId: number | undefined): Promise<AreaView> {
  if (areaId !== undefined) return requireArea(context, areaId);
  const [first] = await listAreas(context.store.db);
  if (!first) throw new NotFoundError("area on the chain");
  return first;
}

/** A version of the rules of an area as it goes over HTTP. */
function termsBody(terms: TermsView): z.infer<typeof areaWire>["terms"] {
  const { suppliedBy, suppliedUnder, suppliedUntil } = terms;
  const isSupplied = suppliedBy !== null && suppliedUnder !== null;
  return {
    version: terms.version,
    fromInterval: terms.fromInterval,
    intervalSeconds: terms.intervalSeconds,
    gateClosureSeconds: terms.gateClosureSeconds,
    pricing: terms.pricing,
    floorMicroPerKwh: String(terms.floorMicroPerKwh),
    ceilingMicroPerKwh: String(terms.ceilingMicroPerKwh),
    upstreamPriceMicroPerKwh: String(terms.upstreamPriceMicroPerKwh),
    penaltyPermille: String(terms.penaltyPermille),
    surplusPriceMicroPerKwh: String(terms.surplusPriceMicroPerKwh),
    gridFeeMicroPerKwh: String(terms.gridFeeMicroPerKwh),
    supply: isSupplied ? { member: suppliedBy, operator: suppliedUnder, untilInterval: suppliedUntil } : null,
    announcedAt: terms.announcedAt,
    transactionHash: terms.transactionHash,
  };
}
