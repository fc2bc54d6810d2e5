import { z } from "zod";
import { decimal, digits, hex, intervalParams, MAX_MEMBER, unixSeconds } from "./wire.ts";

const place = z.object({
  block: z.int().nullable(),
  transactionHash: hex.nullable(),
  areaId: z.int().nullable(),
  intervalId: z.int().nullable(),
});

export const auditResultWire = z.object({
  startedAt: unixSeconds.describe("by the world's clock"),
  finishedAt: unixSeconds.describe("by the world's clock"),
  verdict: z.enum(["clean", "discrepancy", "failed"]),
  sentence: z.string().meta({ example: "Every figure up to block 3911 is as it was computed anew." }),
  fromBlock: z.int().nullable(),
  toBlock: z.int().nullable(),
  toBlockHash: hex.nullable(),
  checked: z.record(z.string(), z.int()).describe("how many of each kind were checked"),
  notes: z
    .array(z.string().meta({ example: "2 readings are not archived here" }))
    .describe("what could not be verified"),
  discrepancy: z
    .object({
      rule: z.string().meta({ example: "areaParties" }),
      sentence: z.string().meta({ example: "area 1 has another grid operator" }),
      place,
    })
    .nullable(),
});

/** The auditor's work: what runs now, and what came of the last run. */
export const auditWire = z.object({
  state: z.enum(["idle", "running"]),
  progress: z
    .object({
      block: z.int().describe("the last block that is audited"),
      lastBlock: z.int().describe("the chain's newest block as the audit knows it; it grows meanwhile"),
    })
    .nullable(),
  last: auditResultWire.nullable(),
  blocksSince: z
    .int()
    .nullable()
    .describe(
      "how many blocks came after the last result's `toBlock` and are not audited; null if not known",
    ),
});

export const lookupQuery = z.strictObject({ q: z.string().min(1).max(80) });

/** What a search found; `id` is an order's id, a transaction's hash, an account, area/interval, or area/interval/member. */
export const lookupWire = z.object({
  hits: z.array(
    z.object({
      kind: z.enum(["order", "reading", "participant", "transaction", "interval", "quotaPeriod"]),
      id: z.string().meta({ example: "1/1941100" }),
      title: z.string().meta({ example: "Interval 1941100" }),
    }),
  ),
});

/** A step on the way of an order or a reading from its signature to its payment. */
export const trailWire = z.object({
  title: z.string().meta({ example: "Bid of member 4" }),
  steps: z.array(
    z.object({
      stage: z.enum([
        "signed",
        "received",
        "submitted",
        "cleared",
        "reserved",
        "metered",
        "published",
        "settled",
        "paid",
        "refused",
      ]),
      at: unixSeconds
        .nullable()
        .describe("by the market's clock, of a signature no later than that; null as long as it is to come"),
      sentence: z.string().meta({ example: "Cleared: 0.25 kWh at €0.214 a kWh." }),
      transactionHash: hex.nullable(),
    }),
  ),
});

export const transactionParams = z.strictObject({ hash: z.string().regex(/^0x[0-9a-fA-F]{64}$/) });
export const readingParams = z.strictObject({
  ...intervalParams.shape,
  member: digits(MAX_MEMBER),
});

/** A transaction with all that it did. */
export const transactionWire = z.object({
  transactionHash: hex,
  block: z.int(),
  isFinal: z.boolean().describe("whether no reorganisation of the chain can take its block away"),
  timestamp: unixSeconds,
  sender: hex,
  senderName: z.string().meta({ example: "market operator" }).nullable(),
  purpose: z.string().meta({ example: "settle" }).nullable(),
  gasUsed: decimal,
  areaId: z.int().nullable(),
  intervalId: z.int().nullable(),
  events: z.array(
    z.object({
      kind: z.string().meta({ example: "settled" }),
      account: z.int().nullable(),
      facts: z.unknown(),
    }),
  ),
});
