import { z } from "zod";
import { decimal, hex, unixSeconds } from "#platform/api/wire.ts";

export const participantWire = z.object({
  account: z.int(),
  name: z.string().nullable().describe("for the owner, the operator, and in a demonstration everybody"),
  address: hex,
  kycHash: hex,
  isVerified: z.boolean(),
  entity: z.int().nullable(),
  areaId: z.int().nullable(),
  meterId: hex.nullable(),
  registeredAt: unixSeconds,
  freeMicro: decimal,
  marginMicro: decimal.describe("in all markets"),
  escrowMicro: decimal.describe("in all markets"),
  margins: z
    .array(z.object({ market: hex, marginMicro: decimal, escrowMicro: decimal }))
    .describe("in each market, by its address"),
});
export const participantsWire = z.object({ participants: z.array(participantWire) });

export const movementsWire = z.object({
  movements: z.array(
    z.object({
      kind: z.string(),
      freeMicro: decimal.describe("change of the free balance"),
      marginMicro: decimal.describe("change of the margin"),
      escrowMicro: decimal.describe("change of what is reserved"),
      timestamp: unixSeconds,
      transactionHash: hex,
      areaId: z.int().nullable(),
      intervalId: z.int().nullable(),
    }),
  ),
});
export const devicesWire = z.object({
  meterId: hex.nullable(),
  devices: z.array(z.object({ deviceKey: hex, validFrom: unixSeconds, validUntil: unixSeconds.nullable() })),
});
