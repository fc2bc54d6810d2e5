import { z } from "zod";
import { decimal, digits, subject, unixSeconds } from "#platform/api/wire.ts";
import { pricesWire } from "./wire.ts";

/** Shapes in which home systems take prices, and `outlook`, our own with all that is known of them. */
export const PRICE_SHAPES = ["outlook", "evcc", "epex", "emhass", "eltariff"] as const;

const MAX_HOURS = 168;
const DEFAULT_HOURS = 24;
const HUNDREDTHS = 100;
const PERCENT = /^\d{1,2}(?:\.\d{1,2})?$/;

const vatPercent = z
  .string()
  .regex(PERCENT, "a percentage from 0 to 99.99")
  .transform((text) => Math.round(Number(text) * HUNDREDTHS))
  .optional()
  .default(0)
  .describe("value added tax to be added, in percent; 0 when it is left out, since the market knows no tax");

export const pricesQuery = z.strictObject({
  areaId: subject.areaId,
  shape: z
    .enum(PRICE_SHAPES)
    .optional()
    .describe("in which shape; without it the current and the next interval of all areas"),
  side: z
    .enum(["buy", "sell"])
    .optional()
    .default("buy")
    .describe("what a member pays for a kWh, or what it gets; buy when it is left out"),
  of: z
    .enum(["local", "blended", "supplier"])
    .optional()
    .default("blended")
    .describe(
      "local: the local market; supplier: the tariff; blended, when it is left out: the expected local share at the local price and the rest at the tariff",
    ),
  fees: z
    .enum(["with", "without"])
    .optional()
    .default("with")
    .describe("with or without grid fees and levies; with when it is left out"),
  vatPercent,
  hours: digits(MAX_HOURS, { min: 1, instead: DEFAULT_HOURS })
    .optional()
    .default(DEFAULT_HOURS)
    .describe("how far ahead, from the start of the interval that runs now; 24 when it is left out"),
  account: subject.account.describe(
    "whose local share is taken for the blended price, for its owner; of all members together when it is left out",
  ),
});

export type PricesQuery = z.infer<typeof pricesQuery>;

const rfc3339 = (words: string, example = "2025-05-12T09:00:00Z") =>
  z.string().meta({ example }).describe(words);
const perKwh = z.number().meta({ example: 0.2125 });
const error = perKwh
  .nullable()
  .describe(
    "how far the forecast of the local price was off over the last seven days, mean of the absolute error, currency per kWh; null while unknown",
  );

const evccWire = z
  .array(
    z.strictObject({
      start: rfc3339("start of the interval"),
      end: rfc3339("end of the interval", "2025-05-12T09:15:00Z"),
      value: perKwh.describe("price, currency per kWh"),
    }),
  )
  .describe("rates as evcc takes them, from the interval that runs now");

const epexWire = z.strictObject({
  unit_of_measurement: z.string().meta({ example: "EUR/kWh" }).describe("unit of the prices"),
  starts_at: rfc3339("where the list starts: the interval that runs now"),
  known_until: rfc3339("prices before are of cleared intervals, those from here on are forecasts"),
  forecast_error_per_kwh: error,
  price_per_kwh: perKwh.describe("price of the interval that runs now"),
  data: z
    .array(
      z.strictObject({
        start_time: rfc3339("start of the interval"),
        end_time: rfc3339("end of the interval", "2025-05-12T09:15:00Z"),
        price_per_kwh: perKwh.describe("price, currency per kWh"),
      }),
    )
    .describe("prices as the EPEX Spot integration of Home Assistant has them"),
});

const emhassWire = z.strictObject({
  starts_at: rfc3339("where the list starts: the interval that runs now"),
  known_until: rfc3339("prices before are of cleared intervals, those from here on are forecasts"),
  forecast_error_per_kwh: error,
  optimization_time_step: z.number().describe("minutes of an interval"),
  prediction_horizon: z.int().describe("length of the list"),
  load_cost_forecast: z
    .array(perKwh)
    .optional()
    .describe("what a kWh costs, currency per kWh, an element for each interval; with side=buy"),
  prod_price_forecast: z
    .array(perKwh)
    .optional()
    .describe("what a kWh earns, currency per kWh, an element for each interval; with side=sell"),
});

const eltariffWire = z.strictObject({
  componentId: z.string().meta({ example: "commonwatt-1-buy" }).describe("area and side"),
  priceDuration: z.string().meta({ example: "PT15M" }).describe("length of an interval, by ISO 8601"),
  currency: z.string().describe("ISO 4217 code"),
  prices: z
    .array(
      z.strictObject({
        timestamp: rfc3339("start of the interval"),
        priceExVat: perKwh.describe("without value added tax, currency per kWh"),
        priceIncVat: perKwh.describe("with it, currency per kWh"),
      }),
    )
    .describe("prices as the Swedish tariff interface has them, from the interval that runs now"),
});

export const outlookWire = z.strictObject({
  areaId: z.int(),
  side: z.enum(["buy", "sell"]).describe("what a member pays, or what it gets"),
  of: z.enum(["local", "blended", "supplier"]).describe("whose price it is"),
  fees: z.enum(["with", "without"]).describe("whether grid fees and levies are in it"),
  vatPercent: z.number().describe("value added tax that is in it, percent"),
  currency: z.string().describe("ISO 4217 code"),
  now: unixSeconds,
  startsAt: unixSeconds.describe("where the list starts: the interval that runs now; unix seconds"),
  intervalSeconds: z.int().describe("length of an interval"),
  knownUntil: unixSeconds.describe(
    "prices before are of cleared intervals, those from here on are forecasts; unix seconds",
  ),
  rule: z.string().meta({ example: "mean of the same time" }).describe("how the forecast is made"),
  error: z
    .strictObject({
      intervals: z.int().describe("how many forecasts of the last seven days are compared"),
      meanAbsoluteMicroPerKwh: decimal
        .nullable()
        .describe("mean of the absolute error of the local price; null without a comparison"),
      meanMicroPerKwh: decimal
        .nullable()
        .describe("mean error; above 0 where too much was expected; null without a comparison"),
      misjudged: z.int().describe("intervals in which a trade was expected and was none, or the reverse"),
    })
    .describe("how far the forecast of the local price was off, a day ahead, over the last seven days"),
  prices: z
    .array(
      z.strictObject({
        intervalId: z.int(),
        startsAt: unixSeconds,
        basis: z
          .enum(["cleared", "untraded", "sameTime", "seldom", "newest", "none"])
          .describe("what the local price rests on; see docs/home-systems.md"),
        isForecast: z.boolean().describe("whether it may still change"),
        localMicroPerKwh: decimal
          .nullable()
          .describe("local price of the energy; null where no trade is expected"),
        localSharePermille: z.int().describe("expected local share of the energy, thousandths"),
        priceMicroPerKwh: decimal.describe("the price that is asked for, micro per kWh"),
      }),
    )
    .describe("the intervals, the one that runs now first"),
});

/** What `/v1/prices` answers, by the shape that is asked for. */
export const anyPricesWire = z.union([pricesWire, outlookWire, evccWire, epexWire, emhassWire, eltariffWire]);

export type OutlookBody = z.infer<typeof outlookWire>;
export type PricesBody = z.infer<typeof anyPricesWire>;
