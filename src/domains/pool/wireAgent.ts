import { z } from "zod";
import { decimal, MAX_AREA, MAX_MEMBER, unixSeconds } from "#platform/api/wire.ts";
import { MAX_PRICE_MICRO_PER_KWH, MIN_PRICE_MICRO_PER_KWH } from "./rules/order.ts";

const price = z.int().min(MIN_PRICE_MICRO_PER_KWH).max(MAX_PRICE_MICRO_PER_KWH).nullable();
const leastOfferMicroPerKwh = price.describe("it sells at no less; null where it decides by itself");
const mostBidMicroPerKwh = price.describe("it buys at no more; null where it decides by itself");
const isPaused = z.boolean().describe("whether it orders nothing");

/** What a member wants of its home's agent; nulls and false let it decide by itself again. */
export const newAgentWire = z.strictObject({
  areaId: z.int().min(0).max(MAX_AREA),
  member: z.int().min(0).max(MAX_MEMBER),
  leastOfferMicroPerKwh,
  mostBidMicroPerKwh,
  isPaused,
});

export const agentWire = z.object({
  areaId: z.int(),
  member: z.int(),
  isThere: z.boolean().describe("whether an agent of the community orders for this metering point"),
  floorMicroPerKwh: decimal.describe("lowest price that can be set"),
  ceilingMicroPerKwh: decimal.describe("highest price that can be set"),
  settings: z
    .object({
      leastOfferMicroPerKwh,
      mostBidMicroPerKwh,
      isPaused,
      since: unixSeconds.describe("it holds for gates that close after this second of the market's clock"),
    })
    .nullable()
    .describe("null where the agent decides by itself and nothing was ever set"),
});
export const agentsWire = z.object({ agents: z.array(agentWire).describe("one for each metering point") });
