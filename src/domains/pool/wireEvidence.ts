import { z } from "zod";
import { areaWire, pricing, stage } from "#domains/pool/wire.ts";
import { decimal, hex, unixSeconds } from "#platform/api/wire.ts";

const rationing = z.object({
  levelWh: z.int().describe("energy of all orders at the marginal price"),
  filledWh: z.int(),
  cutRemainder: z.int(),
  cutParticipant: z.int(),
});

const outcome = z
  .object({
    areaId: z.int(),
    intervalId: z.int(),
    marginalBid: z.int(),
    marginalOffer: z.int(),
    bids: rationing,
    offers: rationing,
    firstAccount: z.int(),
    lastAccount: z.int(),
    bookRoot: hex,
  })
  .describe("what the operator declared");

const signers = z
  .array(
    z.object({
      account: z.int(),
      signer: hex.nullable().describe("whose signature its orders need; null when it is not registered"),
      isTradable: z.boolean().describe("verified, and metered in the area"),
      formerSigners: z.array(hex).describe("who signed for the account before"),
    }),
  )
  .describe("the orders' accounts as the registry knew them at this clearing");

const deployment = z.object({
  chainId: z.int(),
  deployedAtBlock: z.int(),
  contracts: z.record(z.string(), hex).describe("by name; nothing that is checked believes them"),
});

const shown = z.object({
  opened: z
    .array(decimal)
    .describe("bit i % 256 of word i / 256 says whether leaf i is a reading or its hash"),
  leaves: z.array(decimal),
  segmentIndex: z.int(),
  segments: z.int(),
  path: z.array(hex),
});

/** All that a browser needs to check an interval; words and packed orders as the contract takes them. */
export const evidenceWire = z.object({
  areaId: z.int(),
  intervalId: z.int(),
  chainId: z.int(),
  poolMarket: hex,
  meterLedger: hex,
  deployment: deployment.describe("where the contracts stand, to read the same from a node of the chain"),
  status: stage,
  operator: hex,
  accounts: areaWire.shape.accounts,
  terms: areaWire.shape.terms,
  steps: z.array(
    z.object({
      step: z.int(),
      transactionHash: hex,
      pricing,
      outcome,
      bids: hex,
      offers: hex,
      isLast: z.boolean(),
      positions: z.array(hex),
      signers,
      heldMicro: decimal.nullable().describe("taken into escrow; null when it is not known"),
    }),
  ),
  book: z
    .object({
      root: hex,
      isComplete: z.boolean(),
      bids: hex.describe("packed bids that were not submitted, in merit order"),
      offers: hex.describe("packed offers that were not submitted, in merit order"),
      signers,
    })
    .nullable(),
  cleared: z
    .object({
      pricing,
      localPriceMicroPerKwh: decimal.describe("0 without a trade"),
      clearedWh: decimal,
      bookRoot: hex,
    })
    .nullable()
    .describe("what the contract recorded; null before the last step"),
  readings: z.object({ root: hex, version: z.int(), meters: z.int() }).nullable(),
  openedReadings: z.array(
    z.object({
      account: z.int(),
      meterId: hex.nullable(),
      importWh: decimal,
      exportWh: decimal,
      quality: z.enum(["measured", "estimated", "substituted", "missing"]),
      version: z.int(),
      signature: hex.nullable().describe("null when the gateway's archive is not available"),
      deviceKey: hex.nullable().describe("valid when the readings were published"),
    }),
  ),
  pages: z.array(
    z.object({
      page: z.int(),
      transactionHash: hex,
      timestamp: unixSeconds,
      gridFeeMicro: decimal,
      shown: shown.nullable().describe("null where the page was settled as contracted"),
      releasedMicro: decimal.nullable().describe("paid out of escrow; null when it is not known"),
    }),
  ),
  closing: z
    .object({ supplierMicro: decimal, remainderMicro: decimal, releasedMicro: decimal.nullable() })
    .nullable()
    .describe("what the last page's settlement paid besides"),
  returns: z
    .array(
      z.object({
        page: z.int(),
        transactionHash: hex,
        timestamp: unixSeconds,
        releasedMicro: decimal.nullable().describe("paid out of escrow; null when it is not known"),
      }),
    )
    .describe("pages that were given back"),
  movements: z
    .array(
      z.object({
        account: z.int(),
        kind: z.string(),
        freeMicro: decimal,
        marginMicro: decimal,
        escrowMicro: decimal,
        transactionHash: hex,
      }),
    )
    .describe("every change of balances that the interval caused"),
  transactions: z.array(
    z.object({
      transactionHash: hex,
      block: z.int(),
      timestamp: unixSeconds,
      sender: hex,
      purpose: z.string().nullable(),
      gasUsed: decimal,
    }),
  ),
});
