import type { Api, ApiContext, ApiDomain } from "#platform/api/apiContext.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { type LastInterval, statusWire } from "#platform/api/wireStatus.ts";
import { areaWords } from "#platform/api/words.ts";
import { describeFinality } from "#platform/chain/finality.ts";
import { newestEvent } from "#platform/store/queries/events.ts";
import { finalBlockOf } from "#platform/store/undo/heads.ts";
import packageJson from "../../../../package.json" with { type: "json" };
import { checkReadiness } from "./health.ts";

/** What a person reads of duties that are behind; more repeat the same cause. */
const MAX_BEHIND = 50;

/** What runs, since when and how far it has come; it answers also while something is down, and says what. */
export function addStatus<Context extends ApiContext>(
  app: Api,
  context: Context,
  domains: readonly ApiDomain<Context>[],
): void {
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
        finality: describeFinality(context.network.finality),
        finalBlock: isStoreUp ? await finalBlockOf(context.store.db) : null,
        lastIntervals: isStoreUp ? await lastIntervalsOf(context, domains) : null,
        dutiesBehind: dutiesBehind(context),
        processedPerHour: context.processedPerHour(),
        incidents: context.incidents.list().reduce((sum, { count }) => sum + count, 0),
        checks,
      };
    },
  );
}

async function lastIntervalsOf<Context extends ApiContext>(
  context: Context,
  domains: readonly ApiDomain<Context>[],
): Promise<LastInterval[]> {
  const found = [];
  for (const { lastIntervals } of domains) if (lastIntervals) found.push(...(await lastIntervals(context)));
  return found;
}

function dutiesBehind(context: ApiContext) {
  return context
    .dutiesBehind()
    .slice(0, MAX_BEHIND)
    .map((duty) => ({ ...duty, area: areaWords(context, duty.areaId) }));
}
