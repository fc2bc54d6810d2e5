import { accountOfMember } from "#domains/accounts/queries/seats.ts";
import { listQuotaAreas, listQuotaPeriods } from "#domains/charging/queries/quotaPeriods.ts";
import { quotaAreasWire } from "#domains/charging/wire.ts";
import { meteredAreaOf } from "#domains/metering/queries/areas.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";

/** Areas whose stations share a transformer; none in a community without quotas. */
export function addQuotaAreas(app: Api, context: ApiContext): void {
  app.get(
    "/v1/quota-areas",
    { schema: describeRoute("charging", "Areas with charging quotas", { body: quotaAreasWire }) },
    async () => {
      const { db } = context.store;
      const areas = [];
      for (const areaId of await listQuotaAreas(db)) {
        const { dso, intervalSeconds } = await meteredAreaOf(db, areaId);
        const [newest] = await listQuotaPeriods(db, { areaId, limit: 1 });
        areas.push({
          areaId,
          name: context.areaNames.get(areaId)?.name ?? null,
          dsoAccount: await accountOfMember(db, { areaId, member: dso }),
          intervalSeconds,
          newestPeriod: newest?.period ?? null,
        });
      }
      return { areas };
    },
  );
}
