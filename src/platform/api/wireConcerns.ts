import { z } from "zod";
import { decimal, hex, unixSeconds } from "./wire.ts";

/** Something of an account that its owner should know; `act` where something is to be done. */
const concernWire = z.object({
  kind: z.string().describe("a word for programs, such as silentMeter"),
  severity: z.enum(["act", "watch"]),
  since: unixSeconds.describe("since when it is so, or when it happened first, by the market's clock"),
  title: z.string(),
  detail: z.string(),
  whatToDo: z.string(),
  costMicro: decimal.nullable().describe("what it cost in this time; null where it cost nothing by itself"),
  areaId: z.int().nullable(),
  intervalId: z.int().nullable().describe("the interval that tells most of it; null without one"),
  orderId: hex.nullable(),
});

export const concernsWire = z.object({
  from: unixSeconds,
  to: unixSeconds,
  concerns: z.array(concernWire).describe("what needs the owner first, then the newest"),
  lookedAt: z.array(
    z.object({
      what: z.string(),
      until: unixSeconds.nullable().describe("how far it is known; null where nothing is known of it"),
    }),
  ),
});
