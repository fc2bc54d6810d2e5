import type { Api, ApiContext, ApiDomain } from "#platform/api/apiContext.ts";
import type { Concern } from "#platform/api/concerns.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { accountParams } from "#platform/api/wire.ts";
import { concernsWire } from "#platform/api/wireConcerns.ts";

/** A week: what is older was seen. */
const LOOKED_BACK_SECONDS = 7 * 86_400;
/** More than a person reads; they repeat the same cause. */
const MAX_CONCERNS = 50;

/** Whether something is wrong with an account: every field is asked for its own (R6.10). */
export function addConcerns<Context extends ApiContext>(
  app: Api,
  context: Context,
  domains: readonly ApiDomain<Context>[],
): void {
  const summary = "What its owner should know of an account, over the last seven days";
  app.get(
    "/v1/participants/:account/concerns",
    { schema: { params: accountParams, ...describeRoute("participants", summary, { body: concernsWire }) } },
    async (request) => {
      const { account } = request.params;
      const { shownAreaIds: areaIds } = await requireOwner(context, request, account);
      const to = Math.floor(context.now());
      const from = Math.max(0, to - LOOKED_BACK_SECONDS);
      const reports = [];
      for (const { concerns } of domains)
        reports.push(...(concerns ? [await concerns(context, { account, areaIds, from })] : []));
      return {
        from,
        to,
        concerns: reports
          .flatMap(({ concerns }) => concerns)
          .sort(byUrgency)
          .slice(0, MAX_CONCERNS),
        lookedAt: reports.flatMap(({ lookedAt }) => lookedAt),
      };
    },
  );
}

function byUrgency(one: Concern, other: Concern): number {
  const rank = ({ severity }: Concern) => (severity === "act" ? 0 : 1);
  return rank(one) - rank(other) || other.since - one.since;
}
