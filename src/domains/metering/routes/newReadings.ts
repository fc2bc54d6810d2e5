import type { ReadingRefusal } from "#domains/metering/meterGateway.ts";
import { newReadingWire, readingReceiptWire } from "#domains/metering/wire.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { readSignature } from "#kernel/crypto/readSignature.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { NotFoundError, sendProblem } from "#platform/api/problem.ts";
import { PROBLEMS } from "#platform/api/routeSchema.ts";
import type { MeteringContext } from "./meteringContext.ts";

/** Where meters hand in what they counted (R1.4, R8.26): the answer comes once the reading is on the disk. */
export function addNewReadings(app: Api, { meterGateways }: MeteringContext): void {
  app.post(
    "/v1/readings",
    {
      schema: {
        body: newReadingWire,
        tags: ["readings"],
        summary: "Hand in a signed reading of a meter",
        response: { 201: readingReceiptWire.describe("Accepted, and on the disk"), ...PROBLEMS },
      },
    },
    async ({ body }, reply) => {
      const { areaId, intervalId } = body;
      const gateway = meterGateways.get(areaId);
      if (gateway === undefined) throw new NotFoundError(`gateway for meters in area ${areaId} here`);
      const meterId = body.meterId.toLowerCase() as Hex;
      const reason = await gateway.collect({ ...body, meterId, signature: readSignature(body.signature) });
      if (reason === null) return reply.code(201).send({ status: "accepted", intervalId, meterId });
      const status = CONFLICTS.has(reason) ? 409 : 422;
      const detail = `interval ${intervalId}, meter ${meterId}: ${SENTENCES[reason]}`;
      return sendProblem(reply, { status, title: "Reading refused", reason, detail });
    },
  );
}

/** What might have been taken at another time. */
const CONFLICTS: ReadonlySet<ReadingRefusal> = new Set(["duplicateReading", "alreadyPublished"]);

const SENTENCES: Readonly<Record<ReadingRefusal, string>> = {
  unknownMeter: "no such meter was enrolled when the interval ended",
  revokedDevice: "the key of its device is revoked",
  wrongPlace: "the meter is of another area or member",
  wrongVersion: "a first reading has version 1",
  outOfRange: "an energy is not from 0 to 4294967295 Wh",
  invalidSignature: "it is not signed by the key of the meter's device",
  duplicateReading: "another reading of this interval was accepted before",
  alreadyPublished: "the readings of this interval are published; a correction is the way to change them",
};
