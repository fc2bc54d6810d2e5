import type { z } from "zod";
import { listMeteredAreas } from "#domains/metering/queries/areas.ts";
import { findMeter } from "#domains/metering/queries/meters.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import {
  meterParams,
  meterWire,
  newReadingsWire,
  type newReadingWire,
  readingAnswersWire,
} from "#domains/metering/wireMeters.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { readSignature } from "#kernel/crypto/readSignature.ts";
import { present } from "#kernel/units/assert.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { MeteringContext } from "./meteringContext.ts";

/** A thousand readings of less than a kilobyte each. */
const MAX_BODY_BYTES = 1_048_576;

/**
 * Where devices hand in signed readings (R6.10, R8.26). Nobody signs in: a reading is the device's by its signature. What is
 * accepted is on disk; while the disk or the chain can't be reached nothing is answered, and the device sends again.
 */
export function addNewReadings(app: Api, { readingDesk }: MeteringContext): void {
  app.post(
    "/v1/readings",
    {
      bodyLimit: MAX_BODY_BYTES,
      schema: {
        body: newReadingsWire,
        ...describeRoute("readings", "Hand in signed readings of a device", { body: readingAnswersWire }),
      },
    },
    async ({ body }) => {
      const readings = body.readings.map(toSignedReading);
      const reasons = await Promise.all(readings.map((reading) => readingDesk.collect(reading)));
      return {
        answers: readings.map(({ meterId, intervalId }, i) => {
          const reason = reasons[i] ?? null;
          return { meterId, intervalId, status: reason === null ? "accepted" : "refused", reason } as const;
        }),
      };
    },
  );
}

/** What a device needs to sign for a metering point: all of it is on the chain (R6.11). */
export function addMeters(app: Api, context: MeteringContext): void {
  app.get(
    "/v1/meters/:meterId",
    {
      schema: {
        params: meterParams,
        ...describeRoute("readings", "Where a metering point is, and what its device signs for", {
          body: meterWire,
        }),
      },
    },
    async ({ params: { meterId } }) => {
      const { db, deployment } = context.store;
      const now = context.now();
      const meter = await findMeter(db, { meterId, now });
      if (!meter) throw new NotFoundError(`metering point ${meterId}`);
      const areas = await listMeteredAreas(db);
      const area = present(
        areas.find(({ areaId }) => areaId === meter.areaId),
        `area ${meter.areaId}`,
      );
      return {
        meterId,
        areaId: meter.areaId,
        member: meter.member,
        capacityW: meter.capacityW,
        intervalSeconds: area.intervalSeconds,
        deviceKey: meter.inForce,
        chainId: deployment.chainId,
        meterLedger: addressOf(deployment, "meterLedger"),
        now,
        clockSpeed: context.clockSpeed,
      };
    },
  );
}

/** @throws MalformedSignatureError */
export function toSignedReading({
  signature,
  meterId,
  ...reading
}: z.infer<typeof newReadingWire>): SignedReading {
  return { ...reading, meterId: meterId as Hex, signature: readSignature(signature) };
}
