import type { z } from "zod";
import { listReadings, type ReadingView } from "#store/queries/readings.ts";
import type { Api, ApiContext } from "./apiContext.ts";
import { requireInterval } from "./intervals.ts";
import { requireParticipant } from "./participants.ts";
import { describeRoute } from "./routeSchema.ts";
import {
  accountParams,
  intervalParams,
  listQuery,
  pageQuery,
  readingsWire,
  type readingWire,
} from "./wire.ts";

/** Published readings with what proves them (R6.10, R6.11). */
export function addReadings(app: Api, context: ApiContext): void {
  const { db } = context.store;
  app.get(
    "/v1/readings",
    {
      schema: {
        querystring: listQuery,
        ...describeRoute("readings", "Readings, the latest interval first", { body: readingsWire }),
      },
    },
    async ({ query }) => ({ readings: (await listReadings(db, query)).map(readingBody) }),
  );
  app.get(
    "/v1/intervals/:areaId/:intervalId/readings",
    {
      schema: {
        params: intervalParams,
        querystring: pageQuery,
        ...describeRoute("intervals", "Readings of an interval", { body: readingsWire }),
      },
    },
    async ({ params, query }) => {
      await requireInterval(context, params);
      return { readings: (await listReadings(db, { ...params, ...query })).map(readingBody) };
    },
  );
  app.get(
    "/v1/participants/:account/readings",
    {
      schema: {
        params: accountParams,
        querystring: pageQuery,
        ...describeRoute("participants", "Readings of a participant", { body: readingsWire }),
      },
    },
    async ({ params, query }) => {
      await requireParticipant(context, params.account);
      return { readings: (await listReadings(db, { ...params, ...query })).map(readingBody) };
    },
  );
}

function readingBody(reading: ReadingView): z.infer<typeof readingWire> {
  return { ...reading, importWh: String(reading.importWh), exportWh: String(reading.exportWh) };
}
