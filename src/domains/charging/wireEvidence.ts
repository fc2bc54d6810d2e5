import { z } from "zod";
import { PRICINGS } from "#kernel/auction/order.ts";
import { decimal, hex, unixSeconds } from "#platform/api/wire.ts";

const address = hex.meta({ example: `0x${"2c".repeat(20)}` });
const hash = hex.meta({ example: `0x${"5a".repeat(32)}` });
const watts = z.int().nonnegative();

const standingWire = z
  .object({
    signer: address.nullable().describe("who signs for the station; null when nobody does"),
    isTradable: z.boolean().describe("whether it may take part"),
    capacityW: watts.describe("what its connection bears, W"),
  })
  .describe("who stood for the station at that step");

const listProof = {
  list: decimal.describe("members of the list, a bit each"),
  otherList: decimal.describe("members of the page’s other list, a bit each"),
  otherTop: hash.describe("hash of the other list"),
  pages: z.array(hash).describe("hashes of the other pages"),
};

/** All that a browser needs to check a period itself. */
export const quotaEvidenceWire = z.object({
  chainId: z.int(),
  deployedAtBlock: z.int().nonnegative().describe("block from which on the market’s contracts have logs"),
  quotaMarket: address.describe("the contract that the period is of"),
  meterLedger: address.describe("the contract that the readings are published on"),
  areaId: z.int(),
  period: z.int().describe("number of the period"),
  intervalSeconds: z.int().describe("length of the area’s intervals, s"),
  waitingSeconds: z.int().describe("so long a reading is waited for, s"),
  dsoOwner: address.nullable().describe("who owned the grid operator’s account when the margin was said"),
  version: z.int().describe("version of the rules that holds for the period"),
  terms: z.object({
    periodSeconds: z.int().describe("length of a period, s"),
    demandSeconds: z.int().describe("end of demands after the period before began, s"),
    allocationSeconds: z.int().describe("end of the allocation after it, s"),
    orderSeconds: z.int().describe("end of orders after it, s"),
    clearingSeconds: z.int().describe("end of the clearing after it, s"),
    ratingW: watts.describe("rating of the transformer, W"),
    floorMicroPerKw: z.int().describe("lowest price of quota, micro per kW"),
    ceilingMicroPerKw: z.int().describe("highest price of quota, micro per kW"),
    penaltyPermille: z.int().describe("penalty in thousandths of the tariff"),
    pricing: z.enum(PRICINGS),
  }),
  opening: z
    .object({
      timestamp: unixSeconds,
      sender: address,
      termsVersion: z.int().describe("version of the rules that the market went by"),
      marginW: watts.describe("what is left for charging, W"),
      forecastW: watts.describe("conventional load, foretold, W"),
      reserveW: watts.describe("kept against an error of the forecast, W"),
      tariffMicroPerKwh: decimal.describe("fee on metered energy, micro per kWh"),
    })
    .describe("what the grid operator said"),
  demands: z
    .array(
      z.object({
        member: z.int(),
        timestamp: unixSeconds,
        demandW: watts.describe("power that it asked for, W"),
        depositMicro: decimal.describe("what it put down"),
        standing: standingWire,
      }),
    )
    .describe("what stations asked for"),
  division: z
    .object({
      timestamp: unixSeconds,
      isRationed: z.boolean().describe("whether the demands exceed the margin"),
      totalDemandW: watts.describe("demands together, W"),
      cutRemainder: decimal.describe("the least remainder that is raised by a W"),
      cutMember: z.int().describe("the highest number raised at it"),
    })
    .nullable()
    .describe("how the margin was divided; null before"),
  auction: z
    .object({
      timestamp: unixSeconds,
      sender: address,
      localPriceMicroPerKw: z.int().describe("recorded price, micro per kW"),
      clearedW: watts.describe("recorded quota that was traded, W"),
      remainderMicro: decimal.describe("recorded rest of rounding"),
      bookRoot: hash,
      trades: z
        .array(
          z.object({
            member: z.int(),
            quotaW: z.int().describe("bought, W; negative where sold"),
            paymentMicro: decimal.describe("paid; negative where received"),
          }),
        )
        .describe("what each station is said to have traded"),
      book: z
        .object({
          bids: hex.describe("packed orders to buy quota, 75 bytes each").meta({ example: "0x" }),
          offers: hex.describe("packed orders to sell quota, 75 bytes each").meta({ example: "0x" }),
        })
        .nullable()
        .describe("the orders; null where they did not reach the market directly"),
      standings: z
        .array(z.object({ member: z.int(), standing: standingWire }))
        .describe("who stood for each station when orders ended"),
    })
    .nullable()
    .describe("the auction; null without one"),
  publications: z
    .array(
      z.object({
        intervalId: z.int(),
        version: z.int(),
        root: hash.describe("root of the published readings"),
        block: z.int(),
      }),
    )
    .describe("readings published of the period’s intervals, in the order of the chain"),
  payments: z
    .array(
      z.object({
        member: z.int(),
        timestamp: unixSeconds,
        block: z.int(),
        meteredWh: decimal.describe("energy that was counted, Wh"),
        excessWh: decimal.describe("of it above the quota, Wh"),
        feeMicro: decimal.describe("fee on it"),
        penaltyMicro: decimal.describe("penalty for what was above the quota"),
        missing: z.int().describe("intervals without a reading"),
        brought: z
          .array(
            z.object({
              reading: z
                .object({
                  reading: decimal.describe("the packed reading; 0 for none"),
                  isSecond: z.boolean().describe("whether it is in the page’s second list"),
                  ...listProof,
                  leaves: z.array(hash).describe("hashes beside it"),
                  nodes: z.array(hash).describe("hashes of the list’s other nodes"),
                })
                .describe("the reading with what leads to the root"),
              absence: z
                .object({ ...listProof, top: hash.describe("hash of the list") })
                .describe("what shows that there is no reading"),
            }),
          )
          .nullable()
          .describe("what was shown of each interval; null where it did not reach the market directly"),
      }),
    )
    .describe("what stations paid"),
  withdrawals: z
    .array(
      z.object({
        member: z.int(),
        timestamp: unixSeconds,
        amountMicro: decimal.describe("what came back"),
      }),
    )
    .describe("deposits that came back"),
});
