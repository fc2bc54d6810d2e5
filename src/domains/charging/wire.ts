import { z } from "zod";
import { PRICINGS } from "#kernel/auction/order.ts";
import {
  decimal,
  digits,
  during,
  hex,
  MAX_AREA,
  MAX_INTERVAL,
  MAX_MEMBER,
  paging,
  unixSeconds,
} from "#platform/api/wire.ts";
import { QUOTA_STAGES } from "./rules/quotaStage.ts";

/** Powers on the chain have 32 bits. */
const MAX_W = 2 ** 32 - 1;
/** Prices of quota on the chain have 31 bits. */
const MAX_PRICE = 2 ** 31 - 1;

const watts = z.int().nonnegative();
const hash = hex.meta({ example: `0x${"5a".repeat(32)}` });

export const quotaPeriodParams = z.strictObject({
  areaId: digits(MAX_AREA),
  period: digits(MAX_INTERVAL),
});
export const quotaStationParams = z.strictObject({
  areaId: digits(MAX_AREA),
  member: digits(MAX_MEMBER),
});
const newestFirst = {
  before: digits(MAX_INTERVAL).optional(),
  limit: paging.limit,
};
export const quotaPeriodsQuery = z.strictObject({ ...newestFirst, ...during });
export const quotaSpanQuery = z.strictObject(during);
export const stationPeriodsQuery = z.strictObject(newestFirst);
export const quotaDepositQuery = z.strictObject({
  demandW: digits(MAX_W, { min: 1 }),
  bidW: digits(MAX_W, { instead: 0 }).optional().default(0),
  limitPriceMicroPerKw: digits(MAX_PRICE, { instead: 0 }).optional().default(0),
});

const windowsWire = z
  .object({
    opensAt: unixSeconds.describe("from then on the margin is said, and demands are taken; unix seconds"),
    demandEndsAt: unixSeconds.describe(
      "until then demands are taken, then the margin is divided; unix seconds",
    ),
    allocationEndsAt: unixSeconds.describe("until then it is divided, then orders are taken; unix seconds"),
    ordersEndAt: unixSeconds.describe(
      "until then orders are taken, then the auction is cleared; unix seconds",
    ),
    clearingEndsAt: unixSeconds.describe(
      "an auction that is not cleared by then does not take place; unix seconds",
    ),
  })
  .describe("the steps before delivery");

/** A version of the rules of an area's quotas. */
const quotaTermsWire = z.object({
  version: z.int(),
  fromPeriod: z.int().describe("first period that they hold for; 0 from the beginning"),
  periodSeconds: z.int().describe("length of a period, s"),
  demandSeconds: z.int().describe("demands are taken so long after the period before delivery began, s"),
  allocationSeconds: z.int().describe("the margin is divided until so long after it, s"),
  orderSeconds: z.int().describe("bids and offers are taken until so long after it, s"),
  clearingSeconds: z.int().describe("the auction is cleared until so long after it, s"),
  ratingW: watts.describe("rating of the transformer, W"),
  floorMicroPerKw: decimal.describe("lowest price of quota, micro per kW and period"),
  ceilingMicroPerKw: decimal.describe("highest price of quota, micro per kW and period"),
  penaltyPermille: z.int().describe("what a kWh above the quota costs besides, in thousandths of the tariff"),
  pricing: z.enum(PRICINGS),
  announcedAt: unixSeconds,
});

export const quotaTermsOfAreaWire = z.object({
  areaId: z.int(),
  versions: z
    .array(quotaTermsWire)
    .describe("all versions, the oldest first; none where there are no quotas"),
  current: z.int().nullable().describe("version of the period that runs now; null where there is none"),
});

/** A period, its stations together. */
export const quotaPeriodWire = z.object({
  areaId: z.int(),
  period: z.int().describe("number of the period: its start in unix seconds over its length"),
  intervalId: z.int().describe("its first interval"),
  intervals: z.int().describe("how many intervals it has"),
  startsAt: unixSeconds.describe("delivery begins; unix seconds"),
  endsAt: unixSeconds.describe("delivery ends; unix seconds"),
  stage: z
    .enum(QUOTA_STAGES)
    .describe(
      "how far it is: demands come in, the margin is divided, the auction is cleared, some stations have paid, all have; or nobody divided it",
    ),
  windows: windowsWire,
  termsVersion: z.int().describe("the rules that hold for it"),
  ratingW: watts.describe("rating of the transformer, W"),
  forecastW: watts.describe("conventional load, foretold by the grid operator, W"),
  reserveW: watts.describe("what the grid operator keeps against an error of the forecast, W"),
  marginW: watts.describe("what is left for charging, W"),
  tariffMicroPerKwh: decimal.describe("fee on metered energy, micro per kWh"),
  cnyMicroPerEther: decimal.describe("what an ether is worth, micro CNY"),
  stations: z.int().describe("stations that demanded"),
  totalDemandW: watts.describe("their demands together, W"),
  beta: z
    .number()
    .nullable()
    .describe("part of a demand that is granted; null before the margin is divided")
    .meta({ example: 0.8282 }),
  isRationed: z.boolean().nullable().describe("whether demands exceed the margin; null before it is divided"),
  localPriceMicroPerKw: decimal
    .nullable()
    .describe("price of the auction, micro per kW; 0 without a trade, null without an auction"),
  clearedW: watts.nullable().describe("quota that was traded, W; null without an auction"),
  remainderMicro: decimal
    .nullable()
    .describe("what rounding left to the community's fund; null without an auction"),
  orders: z.int().nullable().describe("orders of the auction; null where they are not known"),
  trades: z.int().nullable().describe("trades of the auction; null where they are not known"),
  unpaid: z.int().describe("stations that have not paid yet"),
  openDeposits: z.int().describe("stations whose deposit is not back yet"),
  meteredWh: decimal.nullable().describe("energy that was paid for, Wh; null before the first payment"),
  excessWh: decimal.nullable().describe("of it above the quotas, Wh; null before the first payment"),
  feeMicro: decimal.nullable().describe("fees on it; null before the first payment"),
  penaltyMicro: decimal
    .nullable()
    .describe("penalties for energy above the quotas; null before the first payment"),
  drawnW: z
    .array(z.int().nullable())
    .describe("mean power that the stations drew in each interval, W; null where none of them is read"),
  conventionalW: z
    .array(z.int().nullable())
    .describe(
      "mean power that the transformer bore besides, by the grid operator’s own metering points; null where none is read",
    ),
});

export const quotaPeriodsWire = z.object({
  periods: z.array(quotaPeriodWire).describe("the periods, the newest first"),
  next: z.int().nullable().describe("`before` of the next page; null at the end"),
});

const orderWire = z.object({
  orderId: hash.describe("hash that the order is known by"),
  side: z.enum(["bid", "offer"]),
  member: z.int(),
  account: z.int(),
  limitPriceMicroPerKw: decimal.describe(
    "the most that a buyer pays or the least that a seller takes, micro per kW",
  ),
  quotaW: watts.describe("quota that is wished or offered, W"),
  filledW: watts.describe("of it traded, W"),
});

/** A station in a period. */
const quotaStationWire = z.object({
  member: z.int(),
  account: z.int(),
  demandW: watts.describe("power that it asked for, W"),
  depositMicro: decimal.describe("what it put down"),
  allocatedW: watts.nullable().describe("quota that it was given, W; null before the margin is divided"),
  tradedW: z.int().describe("quota that it bought, W; negative where it sold"),
  quotaW: watts.nullable().describe("quota that it has in the end, W; null before the margin is divided"),
  quotaMicro: decimal.describe("what it paid in the auction; negative where it was paid"),
  meteredWh: decimal.nullable().describe("energy that it paid for, Wh; null before it paid"),
  excessWh: decimal.nullable().describe("of it above its quota, Wh; null before it paid"),
  feeMicro: decimal.nullable().describe("fee on its energy; null before it paid"),
  penaltyMicro: decimal.nullable().describe("penalty for energy above its quota; null before it paid"),
  missing: z
    .int()
    .nullable()
    .describe("intervals without a reading, which count as the quota; null before it paid"),
  withdrawnMicro: decimal.nullable().describe("what came back of its deposit; null before"),
  demandedAt: unixSeconds,
  demandedIn: hash.describe("transaction of its demand"),
  paidAt: unixSeconds.nullable(),
  paidIn: hash.nullable().describe("transaction of its payment; null before"),
  withdrawnAt: unixSeconds.nullable().describe("when its deposit came back; null before"),
});

export const quotaPeriodWholeWire = quotaPeriodWire.extend({
  terms: quotaTermsWire,
  dso: z.int(),
  fund: z.int(),
  stationList: z.array(quotaStationWire).describe("the stations, by rising member"),
  book: z
    .object({
      bids: z.array(orderWire).describe("orders to buy quota, the best first"),
      offers: z.array(orderWire).describe("orders to sell quota, the best first"),
    })
    .nullable()
    .describe("the auction's orders; null where they are not known"),
  tradeList: z
    .array(
      z.object({
        buyer: z.int().describe("station that buys, by its number in the area"),
        seller: z.int().describe("station that sells, by its number in the area"),
        quotaW: watts.describe("quota that went from one to the other, W"),
        priceMicroPerKw: decimal.describe("its price, micro per kW"),
      }),
    )
    .describe("who bought of whom"),
  bookRoot: hash.nullable(),
  transactions: z
    .object({
      initialized: hash.describe("transaction that said the margin"),
      allocated: hash.nullable().describe("transaction that divided it; null before"),
      cleared: hash.nullable().describe("transaction that cleared the auction; null without one"),
    })
    .describe("the period's own transactions; those of its stations stand beside them"),
});

export const stationPeriodsWire = z.object({
  areaId: z.int(),
  member: z.int(),
  account: z.int(),
  periods: z
    .array(
      z.object({
        ...quotaStationWire.shape,
        period: z.int().describe("number of the period"),
        intervalId: z.int().describe("its first interval"),
        startsAt: unixSeconds.describe("delivery begins; unix seconds"),
        endsAt: unixSeconds.describe("delivery ends; unix seconds"),
        stage: z.enum(QUOTA_STAGES).describe("how far the period is"),
        windows: windowsWire,
        tariffMicroPerKwh: decimal.describe("fee on metered energy, micro per kWh"),
        beta: z.number().nullable().describe("part of a demand that is granted").meta({ example: 0.8282 }),
        localPriceMicroPerKw: decimal
          .nullable()
          .describe("price of the auction, micro per kW; null without an auction"),
        orders: z.array(orderWire).nullable().describe("its orders; null where they are not known"),
      }),
    )
    .describe("its periods, the newest first"),
  next: z.int().nullable().describe("`before` of the next page; null at the end"),
});

export const quotaDepositWire = z.object({
  demandW: watts.describe("power that is asked for, W"),
  tariffMicroPerKwh: decimal.describe("fee on metered energy that holds, micro per kWh"),
  tariffOfPeriod: z.int().describe("the period that it was said for; a later one may have another"),
  penaltyPermille: z.int(),
  feeMicro: decimal.describe("fee when all of it is drawn by right for the whole period"),
  penaltyMicro: decimal.describe("the worst penalty: all of it is drawn, and nothing of it was granted"),
  auctionMicro: decimal.describe("the most that the bid may cost"),
  depositMicro: decimal.describe("what the station has to put down: all of these together"),
  sentence: z
    .string()
    .describe("the same in words, for a person")
    .meta({ example: "6048.00 CNY are put down for 36 kW: what is not owed comes back." }),
});

/** What the meter of the conventional load foretells, and how wrong such forecasts were. */
export const loadForecastWire = z.object({
  period: z.int().describe("the newest period whose margin was said"),
  saidForecastW: watts.describe("conventional load that the grid operator foretold for it, W"),
  saidReserveW: watts.describe("what the grid operator keeps against the error, W"),
  meterForecastW: watts
    .nullable()
    .describe("what the meter foretold when it opened, W; null where it knows nothing of that time"),
  error: z
    .object({
      count: z.int().describe("periods of the last four weeks that it was measured over"),
      meanPercent: z
        .number()
        .describe("mean of the deviations, percent of the load (MAPE)")
        .meta({ example: 6.1 }),
      quantileW: z.int().describe("by so much or less loads went above their forecasts in most periods, W"),
    })
    .nullable()
    .describe("null before a day of forecasts can be compared"),
  quantilePermille: z.int().describe("of these periods, per mille").meta({ example: 950 }),
  suggestedReserveW: watts.nullable().describe("reserve that covers them, W; null without an error"),
});

export const quotaAreasWire = z.object({
  areas: z
    .array(
      z.object({
        areaId: z.int(),
        name: z
          .string()
          .nullable()
          .describe("name of the area; null where it has none")
          .meta({ example: "Depot" }),
        dsoAccount: z.int().nullable().describe("account of its grid operator"),
        intervalSeconds: z.int().describe("length of its intervals, s"),
        newestPeriod: z.int().nullable().describe("the newest period; null before the first"),
      }),
    )
    .describe("areas whose stations share a transformer"),
});
