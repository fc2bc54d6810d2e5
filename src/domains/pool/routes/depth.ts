import { z } from "zod";
import { sumDepth } from "#domains/pool/queries/depth.ts";
import { type IntervalView, listIntervals } from "#domains/pool/queries/intervals.ts";
import { isComplete } from "#domains/pool/rules/stage.ts";
import { depthWire } from "#domains/pool/wireDepth.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { orNull } from "#platform/api/decimalText.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { areaParams, digits } from "#platform/api/wire.ts";
import { requireArea } from "./areas.ts";
import type { PoolContext } from "./poolContext.ts";

/** A day of quarter-hours. */
const MAX_INTERVALS = 96;
const DEFAULT_INTERVALS = 4;
/** Of the newest intervals that the chain knows, some are not cleared. */
const UNCLEARED = 16;

/**
 * What was wished at which price in the intervals that were cleared last, of all members together. Orders of an open gate are
 * in none of it: until it closes they are their owner's and the operator's business (docs/decisions/010).
 */
export function addDepth(app: Api, context: PoolContext): void {
  app.get(
    "/v1/areas/:areaId/depth",
    {
      schema: {
        params: areaParams,
        querystring: z.strictObject({
          intervals: digits(MAX_INTERVALS, { min: 1, instead: DEFAULT_INTERVALS })
            .optional()
            .default(DEFAULT_INTERVALS)
            .describe(`cleared intervals whose books are summed; ${DEFAULT_INTERVALS} when it is left out`),
        }),
        ...describeRoute("prices", "Anonymous depth of the books that were cleared last", {
          body: depthWire,
        }),
      },
    },
    async ({ params: { areaId }, query }) => {
      await requireArea(context, areaId);
      const { db } = context.store;
      const newest = await listIntervals(db, { areaId, limit: query.intervals + UNCLEARED });
      const cleared = newest.filter(({ stage }) => isComplete(stage)).slice(0, query.intervals);
      return {
        areaId,
        intervals: cleared.map(intervalBody),
        levels: (await sumDepth(db, cleared)).map((level) => ({
          side: level.side,
          limitPriceMicroPerKwh: String(level.limitPriceMicroPerKwh),
          energyWh: String(level.energyWh),
          fillWh: String(level.fillWh),
        })),
      };
    },
  );
}

function intervalBody({ intervalId, startsAt, endsAt, localPriceMicroPerKwh, clearedWh }: IntervalView) {
  return {
    intervalId,
    startsAt,
    endsAt,
    localPriceMicroPerKwh: orNull(localPriceMicroPerKwh),
    clearedWh: String(clearedWh),
  };
}
