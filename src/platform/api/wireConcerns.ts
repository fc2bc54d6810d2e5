import { z } from "zod";
import { decimal, hex, unixSeconds } from "./wire.ts";

/** Something of an account that its owner should know; `act` where something is to be done. */
const concernWire = z.object({
  kind: z.string().describe("a word for programs").meta({ example: "silentMeter" }),
  severity: z.enum(["act", "watch"]),
  since: unixSeconds.describe("since when it is so, or when it happened first, by the market's clock"),
  title: z.string().meta({ example: "Your meter is silent since 11 May 2025, 19:00" }),
  detail: z.string().meta({ example: "No reading came of 4 intervals." }),
  whatToDo: z.string().meta({ example: "Look whether the meter has power." }),
  costMicro: decimal.nullable().describe("what it cost in this time; null where it cost nothing by itself"),
  areaId: z.int().nullable(),
  intervalId: z.int().nullable().describe("the interval that tells most of it; null without one"),
  orderId: hex.nullable(),
});

export const concernsWire = z.object({
  from: unixSeconds,
  to: unixSeconds,
  concerns: z.array(concernWire).describe("what needs the owner first, then the newest"),
  lookedAt: z
    .array(
      z.object({
        what: z.string().describe("in words").meta({ example: "lines of your bill" }),
        until: unixSeconds.nullable().describe("how far it is known; null where nothing is known of it"),
      }),
    )
    .describe("where concerns were looked for; what is not here was not looked at"),
});
