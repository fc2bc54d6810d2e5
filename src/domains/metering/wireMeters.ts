import { z } from "zod";
import {
  hex,
  MAX_AREA,
  MAX_INTERVAL,
  MAX_MEMBER,
  signatureText,
  unixSeconds,
  wholeNumber,
} from "#platform/api/wire.ts";

/** Readings of one request: some ten days of quarter hours. */
export const MAX_READINGS = 1_000;
const MAX_ENERGY_WH = 2 ** 32 - 1;
const MAX_VERSION = 255;

const meterIdText = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform((text) => text.toLowerCase());

export const meterParams = z.strictObject({ meterId: meterIdText });

/** A reading as a device sends it, by HTTP and by MQTT. */
export const newReadingWire = z.strictObject({
  meterId: meterIdText,
  areaId: z.int().min(0).max(MAX_AREA),
  member: z.int().min(0).max(MAX_MEMBER),
  intervalId: z.int().min(0).max(MAX_INTERVAL),
  importWh: wholeNumber(0, MAX_ENERGY_WH),
  exportWh: wholeNumber(0, MAX_ENERGY_WH),
  quality: z.enum(["measured", "estimated", "substituted", "missing"]),
  version: z.int().min(0).max(MAX_VERSION),
  signature: signatureText,
});

export const newReadingsWire = z.strictObject({
  readings: z.array(newReadingWire).min(1).max(MAX_READINGS).describe("signed readings, at most 1000"),
});

export const readingAnswerWire = z.object({
  meterId: hex,
  intervalId: z.int(),
  status: z
    .enum(["accepted", "refused"])
    .describe("accepted: it is on the gateway's disk, and need not be kept by the device any longer"),
  reason: z
    .enum([
      "unknownArea",
      "unknownMeter",
      "revokedDevice",
      "wrongPlace",
      "wrongVersion",
      "outOfRange",
      "invalidSignature",
      "notOver",
      "duplicateReading",
      "alreadyPublished",
      "malformed",
    ])
    .nullable()
    .describe("why it is refused; null when it is accepted"),
});

export const readingAnswersWire = z.object({
  answers: z
    .array(readingAnswerWire)
    .describe("what became of each reading, in the order in which they came"),
});

export const meterWire = z.object({
  meterId: hex,
  areaId: z.int(),
  member: z.int(),
  capacityW: z.int().describe("of the connection, W; 0 when the meter is retired"),
  intervalSeconds: z.int(),
  deviceKey: hex
    .nullable()
    .describe("key that its readings are checked against now; null where none is in force"),
  chainId: z.int(),
  meterLedger: hex,
  now: unixSeconds.describe("time by the market's clock; unix seconds"),
  clockSpeed: z.number().positive().describe("seconds of the market for each second of the world"),
});
