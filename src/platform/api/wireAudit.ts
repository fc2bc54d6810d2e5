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
  sentence: z.string(),
  fromBlock: z.int().nullable(),
  toBlock: z.int().nullable(),
  toBlockHash: hex.nullable(),
  checked: z.record(z.string(), z.int()).describe("how many of each kind were checked"),
  notes: z.array(z.string()).describe("what could not be verified"),
  discrepancy: z.object({ rule: z.string(), sentence: z.string(), place }).nullable(),
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
      kind: z.enum(["order", "reading", "participant", "transaction", "interval"]),
      id: z.string(),
      title: z.string(),
    }),
  ),
});

/** A step on the way of an order or a reading from its signature to its payment. */
export const trailWire = z.object({
  title: z.string(),
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
      sentence: z.string(),
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
  timestamp: unixSeconds,
  sender: hex,
  senderName: z.string().nullable(),
  purpose: z.string().nullable(),
  gasUsed: decimal,
  areaId: z.int().nullable(),
  intervalId: z.int().nullable(),
  events: z.array(z.object({ kind: z.string(), account: z.int().nullable(), facts: z.unknown() })),
});
