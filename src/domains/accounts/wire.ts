import { z } from "zod";
import { decimal, digits, hex, MAX_SECONDS, paging, unixSeconds } from "#platform/api/wire.ts";

export const participantWire = z.object({
  account: z.int(),
  name: z.string().nullable().describe("for the owner, the operator, and in a demonstration everybody"),
  owner: hex.describe("the address that moves the account's money"),
  kycHash: hex,
  isVerified: z.boolean(),
  isEntity: z.boolean().describe("whether it may sign for other accounts"),
  agent: hex.nullable().describe("signs the account's orders; null where its owner does"),
  agentFrom: unixSeconds.nullable().describe("the first gate that this agent signs for, by its closing"),
  entity: z.int().nullable().describe("the account that signs for this one"),
  entityFrom: unixSeconds.nullable().describe("the first gate that this counts for, by its closing"),
  registeredAt: unixSeconds,
  members: z
    .array(
      z.object({
        areaId: z.int(),
        member: z.int(),
        meterId: hex.nullable().describe("null for a party of the area, which has no meter"),
        capacityW: z.int().describe("of the connection; 0 without a meter, and when it is retired"),
        party: z
          .enum(["supplier", "dso", "fund"])
          .nullable()
          .describe("which party of the area it is now, as which it signs no orders; null for none"),
      }),
    )
    .describe("what it is in each area"),
  freeMicro: decimal,
  marginMicro: decimal.describe("in all markets"),
  escrowMicro: decimal.describe("in all markets"),
  margins: z
    .array(
      z.object({
        market: hex,
        areaId: z.int(),
        member: z.int(),
        marginMicro: decimal,
        escrowMicro: decimal,
      }),
    )
    .describe("of each member in each market, which is named by its address"),
});
export const participantsWire = z.object({ participants: z.array(participantWire) });

const balance = z.object({
  freeMicro: decimal,
  marginMicro: decimal,
  escrowMicro: decimal,
  wholeMicro: decimal.describe("all three together"),
});
export const movementsQuery = z.strictObject({
  from: digits(MAX_SECONDS).optional(),
  to: digits(MAX_SECONDS).optional(),
  only: z
    .enum(["payments"])
    .optional()
    .describe("those that change what the account holds in all; all when it is left out"),
  ...paging,
});
const movementKind = z.string().describe("why the money moved, for programs").meta({ example: "settled" });
export const movementsWire = z.object({
  opening: balance.describe("before `from`; nothing without one"),
  closing: balance.describe("at `to`, or now"),
  sums: z
    .array(balance.extend({ kind: movementKind, count: z.int().describe("movements of this kind") }))
    .describe("by cause, of the whole time: opening + sums = closing"),
  movements: z.array(
    z.object({
      kind: movementKind,
      freeMicro: decimal.describe("change of the free balance"),
      marginMicro: decimal.describe("change of the margin"),
      escrowMicro: decimal.describe("change of what is reserved"),
      wholeMicro: decimal.describe("change of all three together: received positive, paid negative"),
      balanceMicro: decimal.describe("what the account holds in all after it"),
      timestamp: unixSeconds,
      transactionHash: hex,
      areaId: z.int().nullable().describe("null where the free balance alone changed"),
      member: z.int().nullable().describe("whose margin changed"),
      intervalId: z.int().nullable(),
    }),
  ),
});
