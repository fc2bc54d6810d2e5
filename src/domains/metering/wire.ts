import { z } from "zod";
import { decimal, hex } from "#platform/api/wire.ts";

export const readingWire = z.object({
  areaId: z.int(),
  intervalId: z.int(),
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
