import { z } from "zod";
import { pricedInterval } from "#domains/pool/wire.ts";
import { accountParams, decimal, digits, MAX_AREA, MAX_SECONDS, unixSeconds } from "#platform/api/wire.ts";

export const communityQuery = z.strictObject({ areaId: digits(MAX_AREA).optional() });

/**
 * Energy behind the meters of an area over one interval, from the homes' own sub-meters; not signed and not paid for.
 * pv + discharge + grid import = load + charge + grid export (whole Wh, each home's exchange with its neighbours netted).
 */
export const flowWire = z.object({
  intervalId: z.int(),
  startsAt: unixSeconds,
  endsAt: unixSeconds,
  loadWh: decimal,
  pvWh: decimal,
  chargedWh: decimal,
  dischargedWh: decimal,
  storedWh: decimal.describe("in all batteries at the end"),
  capacityWh: decimal,
  gridImportWh: decimal.describe("what the area as a whole took from the grid"),
  gridExportWh: decimal.describe("what the area as a whole gave to the grid"),
  localWh: decimal.describe("imports of homes that exports of other homes covered"),
});

/** Sums of a day in the area's zone, against the supplier's tariff alone (R3.9). */
export const dayWire = z.object({
  from: unixSeconds,
  to: unixSeconds,
  intervals: z.int(),
  importWh: decimal,
  exportWh: decimal,
  localWh: decimal.describe("bought from neighbours and consumed"),
  localShare: z.number().describe("localWh over importWh, 0 … 1; 0 without imports"),
  marketBillMicro: decimal,
  tariffBillMicro: decimal,
  savingMicro: decimal,
});

/** Price that the market is expected to show, and how that is known. */
export const forecastWire = z.object({
  energyMicroPerKwh: decimal.nullable(),
  sentence: z.string().meta({ example: "the newest price, until there is an earlier day to compare with" }),
});

/** Energy that one account gave another in an interval. */
export const supplyWire = z.object({ seller: z.int(), buyer: z.int(), energyWh: decimal });

/** The first screen: what happens now, and whether it is worth it. */
export const communityWire = z.object({
  now: unixSeconds.describe("by the market's clock"),
  areaId: z.int(),
  name: z.string().nullable(),
  description: z
    .string()
    .nullable()
    .describe("what the community is, and whether its data are recorded or synthetic")
    .meta({ example: "Twelve homes of one street; sun and loads are synthetic." }),
  homes: z.int(),
  current: pricedInterval,
  next: pricedInterval,
  newest: pricedInterval
    .nullable()
    .describe(
      "the newest interval that began and whose price, or want of one, is known; null before the first",
    ),
  nextForecast: forecastWire,
  leviesMicroPerKwh: decimal.describe("on a kWh from a neighbour"),
  retail: z
    .object({ energyMicroPerKwh: decimal, gridFeeMicroPerKwh: decimal, leviesMicroPerKwh: decimal })
    .nullable()
    .describe("what the supplier's price is made of; null when it is not known"),
  flow: flowWire.nullable().describe("of the newest interval that is over; null without sub-meters"),
  supply: z.object({ intervalId: z.int().nullable(), pairs: z.array(supplyWire) }),
  today: dayWire,
});

export const seriesParams = accountParams;
export const seriesQuery = z.strictObject({
  from: digits(MAX_SECONDS),
  to: digits(MAX_SECONDS),
  areaId: digits(MAX_AREA).optional().describe("the first area that the account is in, when it is left out"),
});
