import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { listReadings, type ReadingFilter, type ReadingView } from "#domains/metering/queries/readings.ts";
import { readingWord } from "#domains/metering/rules/meterReading.ts";
import { readingContext, readingLeaf } from "#domains/metering/rules/readingTree.ts";
import { readingsWire, type readingWire } from "#domains/metering/wire.ts";
import { fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { findViewer, maySee, requireOwner } from "#platform/api/identity/access.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { accountParams, listQuery, pageQuery } from "#platform/api/wire.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Page } from "#platform/store/queries/page.ts";
import type { MeteringContext } from "./meteringContext.ts";

/**
 * Readings with what proves them (R6.10, R6.11). What the chain opened is public; of a sealed one others than its owner
 * and the operator see the hash alone (R1.3, R7.20).
 */
export function addReadings(app: Api, context: MeteringContext): void {
  app.get(
    "/v1/readings",
    {
      schema: {
        querystring: listQuery,
        ...describeRoute("readings", "Readings, the latest interval first", { body: readingsWire }),
      },
    },
    async (request) => findReadings(context, request, request.query),
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
    async (request) => {
      const { params, query } = request;
      await requireOwner(context, request, params.account);
      return findReadings(context, request, { ...params, ...query });
    },
  );
}

/** Readings as the one who asks may see them. */
export async function findReadings(
  context: MeteringContext,
  request: FastifyRequest,
  filter: ReadingFilter & Page,
) {
  const viewer = await findViewer(context, request);
  const found = await listReadings(context.store.db, filter);
  const readings = found.map((reading) => {
    const isShown = reading.proof === "opened" || maySee(viewer, reading);
    return readingBody(reading, { leaf: leafOf(reading, context.store.deployment), isShown });
  });
  return { readings };
}

function readingBody(
  reading: ReadingView,
  { leaf, isShown }: { leaf: Hex | null; isShown: boolean },
): z.infer<typeof readingWire> {
  const { importWh, exportWh, ...rest } = reading;
  return isShown
    ? { ...rest, importWh: String(importWh), exportWh: String(exportWh), leaf }
    : { ...rest, importWh: null, exportWh: null, signature: null, leaf };
}

/** Null for a reading that is known from the chain only: its salt follows from the signature. */
function leafOf(reading: ReadingView, deployment: Deployment): Hex | null {
  const { signature, areaId, intervalId, version } = reading;
  if (signature === null) return null;
  const { chainId } = deployment;
  const meterLedger = addressOf(deployment, "meterLedger");
  const context = readingContext({ chainId, meterLedger, areaId, intervalId, version });
  return toHex(readingLeaf(context, readingWord({ ...reading, signature: fromHex(signature as Hex) })));
}
