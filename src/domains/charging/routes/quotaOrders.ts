import type { z } from "zod";
import type { QuotaRefusal, SubmittedQuotaOrder } from "#domains/charging/quotaDesk.ts";
import { newQuotaOrderWire, quotaReceiptWire } from "#domains/charging/wireQuotaOrder.ts";
import { readSignature } from "#kernel/crypto/readSignature.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { NotFoundError, sendProblem } from "#platform/api/problem.ts";
import { PROBLEMS } from "#platform/api/routeSchema.ts";
import { areaParams } from "#platform/api/wire.ts";
import type { ChargingContext } from "./chargingContext.ts";

/** What the state of the book forbids is a conflict; what the order itself says wrongly can't be processed. */
const CONFLICTS: ReadonlySet<QuotaRefusal> = new Set([
  "duplicateId",
  "bothSides",
  "gateNotOpen",
  "gateClosed",
  "notRationed",
  "tooManyOrders",
]);

/** Signed bids and offers of quota, between the division of the margin and the auction (R9.7). */
export function addQuotaOrders(app: Api, { quotaDesks }: ChargingContext): void {
  app.post(
    "/v1/areas/:areaId/quota-orders",
    {
      schema: {
        params: areaParams,
        body: newQuotaOrderWire,
        tags: ["areas"],
        summary: "Send a signed bid or offer of charging quota",
        response: { 201: quotaReceiptWire.describe("Accepted; it waits for the auction"), ...PROBLEMS },
      },
    },
    async ({ params: { areaId }, body }, reply) => {
      const desk = quotaDesks.get(areaId);
      if (!desk) throw new NotFoundError(`quotas of area ${areaId}`);
      const answer = await desk.submit(readOrder(areaId, body));
      if (answer.status === "accepted") return reply.code(201).send(answer);
      const { reason, detail, orderId } = answer;
      const status = CONFLICTS.has(reason) ? 409 : 422;
      return sendProblem(reply, { status, title: "Order refused", reason, detail, orderId });
    },
  );
}

function readOrder(areaId: number, body: z.infer<typeof newQuotaOrderWire>): SubmittedQuotaOrder {
  const { member: participant, quotaW: quantity, limitPriceMicroPerKw, signature, ...order } = body;
  const limitPriceMicroPerThousand = limitPriceMicroPerKw;
  const price = { quantity, limitPriceMicroPerThousand };
  return { ...order, ...price, areaId, participant, signature: readSignature(signature) };
}
