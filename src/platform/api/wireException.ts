import { z } from "zod";
import { hex, unixSeconds } from "./wire.ts";

/** Where an exception leads: the interval, order, account or transaction that it is about. */
const subject = z.object({
  areaId: z.int().nullable(),
  intervalId: z.int().nullable(),
  account: z.int().nullable(),
  orderId: hex.nullable(),
  transactionHash: hex.nullable(),
});

/** Something that a person should look at, with what to do about it. */
export const exceptionWire = z.object({
  kind: z.enum([
    "roleDown",
    "failedTransaction",
    "failedInterval",
    "unsettledInterval",
    "unsuppliedIntervals",
    "lateReadings",
    "missingReadings",
    "refusedReading",
    "refusedOrder",
    "stationTrouble",
    "sessionTrouble",
  ]),
  severity: z.enum(["act", "watch"]),
  at: unixSeconds.describe("by the market's clock"),
  title: z.string().meta({ example: "Readings of 2 members are missing" }),
  detail: z.string().meta({ example: "Members 4 and 7 of interval 1941100 count as zero." }),
  whatToDo: z.string().meta({ example: "Look at their meters." }),
  subject,
});

/** Whether a part of the process does its work, and how it says so. */
export const healthWire = z.object({
  name: z.string().meta({ example: "database" }),
  isReady: z.boolean(),
  detail: z.string().meta({ example: "answers" }),
  since: unixSeconds
    .optional()
    .describe("since when it is missing, by the world's clock, where it is known; unix seconds"),
});
