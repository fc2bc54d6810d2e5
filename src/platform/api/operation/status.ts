import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { statusWire } from "#platform/api/wireStatus.ts";
import { newestEvent } from "#platform/store/queries/events.ts";
import packageJson from "../../../../package.json" with { type: "json" };
import { checkReadiness } from "./health.ts";

/** What runs, since when and how far it has come; it answers also while something is down, and says what. */
export function addStatus(app: Api, context: ApiContext): void {
  const startedAt = Math.floor(context.worldNow());
  app.get(
    "/v1/status",
    { schema: describeRoute("service", "How this server does, for everybody", { body: statusWire }) },
    async () => {
      const checks = [...(await checkReadiness(context))];
      const isStoreUp = checks.every(({ name, isReady }) => name !== "database" || isReady);
      const { block } = isStoreUp ? await newestEvent(context.store.db) : { block: -1 };
      return {
        version: packageJson.version,
        startedAt,
        worldNow: Math.floor(context.worldNow()),
        marketNow: Math.floor(context.now()),
        chainId: context.network.chainId,
        lastBlock: block < 0 ? null : block,
        processedPerHour: context.processedPerHour(),
        incidents: context.incidents.list().reduce((sum, { count }) => sum + count, 0),
        checks,
      };
    },
  );
}
