import type { z } from "zod";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import type { OfferRefusal, SessionOffer } from "#domains/charging/sessionDesk.ts";
import { holdReceiptWire, newHoldWire } from "#domains/charging/sessionWire.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import { readSignature } from "#kernel/crypto/readSignature.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { NotFoundError, sendProblem } from "#platform/api/problem.ts";
import { PROBLEMS } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";
import type { SessionContext } from "./sessionContext.ts";

/** Why the desk does not take a hold, for its driver. */
const REFUSALS: Readonly<Record<OfferRefusal, string>> = {
  unknownStation: "no station of this name charges over the chain here",
  otherTariff: "what was signed is not for this station and the tariff that it has now",
  otherPayee: "what was signed pays another member than the station’s operator",
  notSigned: "the signature is not of who signs for the driver’s account now",
  expiry: "the hold ends within a quarter of an hour, or after more than 14 days",
  limitTooSmall: "the limit is below the fee of a session",
  walletTooSmall: "the wallet has less than the limit that is not in escrow, or promised to holds before it",
  alreadyTaken: "this session was held for before",
};
/** What is there already is a conflict; what the hold itself says wrongly can't be processed. */
const CONFLICTS: ReadonlySet<OfferRefusal> = new Set(["alreadyTaken", "walletTooSmall"]);

/** Drivers' signed holds: who has signed one is given what opens a session at the station (R8.17). */
export function addSessionHolds(app: Api, { sessionOffices }: SessionContext): void {
  app.post(
    "/v1/areas/:areaId/sessions",
    {
      schema: {
        params: areaParams,
        body: newHoldWire,
        tags: ["charging"],
        summary: "Send a driver's signed hold of its wallet for a session",
        response: { 201: holdReceiptWire.describe("Taken; the token is shown at the station"), ...PROBLEMS },
      },
    },
    async ({ params: { areaId }, body }, reply) => {
      const office = sessionOffices?.get(areaId);
      if (!office) throw new NotFoundError(`charging sessions of area ${areaId} here`);
      const answer = await office.hold(readOffer(areaId, body));
      if (!("refusal" in answer)) return reply.code(201).send(answer);
      const { refusal: reason } = answer;
      const status = CONFLICTS.has(reason) ? 409 : 422;
      return sendProblem(reply, { status, title: "Hold refused", reason, detail: REFUSALS[reason] });
    },
  );
}

function readOffer(areaId: number, body: z.infer<typeof newHoldWire>): SessionOffer {
  const { stationId, salt, session, driverMember, payeeMember, limitMicro, expiresAt, signature } = body;
  const seat = (member: number) => seatOf({ areaId, member });
  return {
    stationId,
    salt: salt as Hex,
    hold: {
      ...{ driver: seat(driverMember), payee: seat(payeeMember) },
      ...{ limitMicro: BigInt(limitMicro), expiresAt, session: session as Hex },
      signature: toHex(readSignature(signature)),
    },
  };
}
