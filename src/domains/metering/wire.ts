import { z } from "zod";
import { decimal, hex, unixSeconds } from "#platform/api/wire.ts";

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
