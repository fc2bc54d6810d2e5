import { findReadings } from "#domains/metering/routes/readings.ts";
import { readingsWire } from "#domains/metering/wire.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { intervalParams, pageQuery } from "#platform/api/wire.ts";
import { requireInterval } from "./intervals.ts";
import type { PoolContext } from "./poolContext.ts";

/** The readings of an interval that the market knows. */
export function addIntervalReadings(app: Api, context: PoolContext): void {
  app.get(
    "/v1/intervals/:areaId/:intervalId/readings",
    {
      schema: {
        params: intervalParams,
        querystring: pageQuery,
        ...describeRoute("intervals", "Readings of an interval", { body: readingsWire }),
      },
    },
    async (request) => {
      const { params, query } = request;
      await requireInterval(context, params);
      return findReadings(context, request, { ...params, ...query });
    },
  );
}
