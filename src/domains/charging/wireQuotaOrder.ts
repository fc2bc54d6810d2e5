import { z } from "zod";
import {
  MAX_PRICE_MICRO_PER_THOUSAND,
  MAX_QUANTITY,
  MIN_PRICE_MICRO_PER_THOUSAND,
} from "#kernel/auction/order.ts";
import {
  hex,
  MAX_INTERVAL,
  MAX_MEMBER,
  signatureText,
  unixSeconds,
  wholeNumber,
} from "#platform/api/wire.ts";
import { MAX_QUOTA_SEQUENCE } from "./quotaDesk.ts";

/**
 * A bid or an offer of quota as a station sends it, by its number as a member of the area; the signature is over EIP-712 typed data
 * (docs/api.md).
 */
export const newQuotaOrderWire = z.strictObject({
  period: z
    .int()
    .min(0)
    .max(MAX_INTERVAL)
    .describe("number of the period: its start in unix seconds over its length"),
  member: z.int().min(0).max(MAX_MEMBER),
  side: z.enum(["bid", "offer"]),
  limitPriceMicroPerKw: wholeNumber(MIN_PRICE_MICRO_PER_THOUSAND, MAX_PRICE_MICRO_PER_THOUSAND).describe(
    "worst acceptable price, micro per kW and period",
  ),
  quotaW: wholeNumber(0, MAX_QUANTITY).describe("power that is bought or sold, W"),
  sequence: z.int().min(0).max(MAX_QUOTA_SEQUENCE),
  signature: signatureText,
});

export const quotaReceiptWire = z.object({
  status: z.literal("accepted"),
  orderId: hex,
  receivedAt: unixSeconds,
});
