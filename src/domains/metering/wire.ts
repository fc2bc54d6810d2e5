import { z } from "zod";
import {
  decimal,
  hex,
  MAX_AREA,
  MAX_INTERVAL,
  MAX_MEMBER,
  signatureText,
  unixSeconds,
  wholeNumber,
} from "#platform/api/wire.ts";

export const readingWire = z.object({
  areaId: z.int(),
  intervalId: z.int(),
  member: z.int(),
  account: z.int(),
  meterId: hex.nullable(),
  importWh: decimal.nullable().describe("null for others while the reading is sealed"),
  exportWh: decimal.nullable().describe("null for others while the reading is sealed"),
  quality: z.enum(["measured", "estimated", "substituted", "missing"]),
  version: z.int(),
  signature: hex.nullable(),
  leaf: hex.nullable().describe("its hash, as under the published root; null without a signature"),
  proof: z.enum(["published", "opened", "unproven"]),
});
export const readingsWire = z.object({ readings: z.array(readingWire) });

const MAX_WH = 2 ** 32 - 1;

/** A reading as a meter sends it, signed by its device's key. */
export const newReadingWire = z.strictObject({
  areaId: z.int().min(0).max(MAX_AREA),
  intervalId: z.int().min(0).max(MAX_INTERVAL),
  member: z.int().min(1).max(MAX_MEMBER),
  meterId: z.string().regex(/^0x[0-9a-fA-F]{64}$/, "32 bytes"),
  importWh: wholeNumber(0, MAX_WH),
  exportWh: wholeNumber(0, MAX_WH),
  quality: z.enum(["measured", "estimated", "substituted"]),
  version: z.literal(1),
  signature: signatureText.describe("by the device's key, EIP-712: MeterReading of the meter ledger"),
});
export const readingReceiptWire = z.object({
  status: z.literal("accepted").describe("kept on disk: the meter need not send it again"),
  intervalId: z.int(),
  meterId: hex,
});

export const devicesWire = z.object({
  meters: z
    .array(
      z.object({
        areaId: z.int(),
        member: z.int(),
        meterId: hex,
        capacityW: z.int().describe("of the connection; 0 when it is retired"),
        devices: z.array(
          z.object({ deviceKey: hex, validFrom: unixSeconds, validUntil: unixSeconds.nullable() }),
        ),
      }),
    )
    .describe("its metering points, each with the keys of its device, the latest first"),
});
