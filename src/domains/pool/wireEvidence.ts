import { z } from "zod";
import { pricing, stage } from "#domains/pool/wire.ts";
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
    firstMember: z.int(),
    lastMember: z.int(),
    marginalBid: z.int(),
    marginalOffer: z.int(),
    localPrice: z.int(),
    clearedWh: z.int(),
    bids: rationing,
    offers: rationing,
    bookRoot: hex,
  })
  .describe("what the operator declared");

const signers = z
  .array(
    z.object({
      member: z.int(),
      signer: hex
        .nullable()
        .describe("whose signature its orders need at this gate; null when nobody may sign"),
      isTradable: z.boolean().describe("somebody may sign, and it is metered in the area"),
      capacityW: z.int().describe("of its connection, W; no position is above capacity times length"),
      formerSigners: z.array(hex).describe("who else signs for its account, or did"),
    }),
  )
  .describe("the orders' members as the registries knew them at this clearing");

const deployment = z.object({
  chainId: z.int(),
  deployedAtBlock: z.int(),
  contracts: z.record(z.string(), hex).describe("by name; nothing that is checked believes them"),
});

const members = decimal.describe("bit n % 256 for member n of the page");

const shown = z.object({
  lists: z.array(members).describe("the members in each of the page's two lists"),
  opened: z.array(members).describe("of which of them the reading is given"),
  leaves: hex.describe(
    "by list and member: 25 bytes of a reading, or 32 of its hash; of a sealed list its top",
  ),
  pages: z.array(hex).describe("hashes of the other pages"),
});

const terms = z.object({
  intervalSeconds: z.int(),
  gateClosureSeconds: z.int(),
  pricing,
  floorMicroPerKwh: decimal,
  ceilingMicroPerKwh: decimal,
  upstreamPriceMicroPerKwh: decimal,
  penaltyPermille: decimal,
  surplusPriceMicroPerKwh: decimal,
  gridFeeMicroPerKwh: decimal,
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
  attempt: z.int().describe("clearings that were given up before this one"),
  parties: z
    .object({ supplier: z.int(), dso: z.int(), fund: z.int() })
    .describe("members of the area, when the clearing began"),
  waitingSeconds: z.int().describe("how long a reading is waited for after the interval"),
  termsVersion: z.int().describe("version of the area's terms that holds for the interval"),
  terms,
  steps: z.array(
    z.object({
      step: z.int(),
      transactionHash: hex,
      operator: hex.describe("who operated the area then"),
      outcome,
      bids: hex,
      offers: hex,
      isLast: z.boolean(),
      signers,
      heldMicro: decimal.describe("taken into escrow, less what was let go"),
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
      termsVersion: z.int(),
      isSupplied: z.boolean().describe("whether a supplier stands for what is bought and not consumed"),
      localPriceMicroPerKwh: decimal.describe("0 without a trade"),
      clearedWh: decimal,
      bookRoot: hex,
    })
    .nullable()
    .describe("what the contract recorded; null before the last step"),
  positions: z
    .array(z.object({ page: z.int(), words: z.array(hex).describe("packed as the contract takes them") }))
    .describe("of all pages of the clearing; empty before its last step"),
  readings: z
    .array(z.object({ version: z.int(), root: hex, meters: z.int(), timestamp: unixSeconds }))
    .describe("every version that was published"),
  openedReadings: z.array(
    z.object({
      member: z.int(),
      meterId: hex.nullable(),
      importWh: decimal,
      exportWh: decimal,
      quality: z.enum(["measured", "estimated", "substituted", "missing"]),
      version: z.int(),
      signature: hex.nullable().describe("null when the gateway's archive is not available"),
      deviceKey: hex.nullable().describe("in force at the end of the interval"),
    }),
  ),
  pages: z.array(
    z.object({
      page: z.int(),
      transactionHash: hex,
      timestamp: unixSeconds,
      version: z.int().nullable().describe("of the readings by which it was settled"),
      shown: shown.nullable().describe("null where the settlement was not brought to the market directly"),
      missing: members.describe("counted as zero for want of a reading; bit n % 256 for member n"),
      taken: members.describe("whose energy another market had claimed; bit n % 256 for member n"),
      claims: z
        .array(z.object({ member: z.int(), energyWh: decimal }))
        .describe("what single claims had taken of exports"),
      gridFeeMicro: decimal,
      releasedMicro: decimal.describe("paid out of escrow, with the last page all that was left"),
    }),
  ),
  closing: z
    .object({ page: z.int(), supplierMicro: decimal, remainderMicro: decimal })
    .nullable()
    .describe("what the last page's settlement paid besides"),
  returns: z
    .array(
      z.object({
        attempt: z.int(),
        page: z.int(),
        transactionHash: hex,
        timestamp: unixSeconds,
        releasedMicro: decimal.describe("paid out of escrow"),
      }),
    )
    .describe("pages that were given back, of this clearing and of those given up"),
  abandoned: z
    .array(
      z.object({
        attempt: z.int(),
        transactionHash: hex,
        timestamp: unixSeconds,
        heldMicro: decimal.describe("taken into escrow by its transactions"),
        releasedMicro: decimal.describe("what the supplier had back at once"),
        isReturned: z.boolean().describe("whether all of it is given back"),
      }),
    )
    .describe("clearings that were given up"),
  movements: z
    .array(
      z.object({
        member: z.int(),
        account: z.int(),
        kind: z.string().meta({ example: "settled" }),
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
      purpose: z.string().meta({ example: "settle" }).nullable(),
      gasUsed: decimal,
    }),
  ),
});
