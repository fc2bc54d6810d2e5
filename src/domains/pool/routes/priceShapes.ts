import type { OutlookBody, PRICE_SHAPES, PricesBody } from "#domains/pool/wirePriceShapes.ts";
import { utcIsoText } from "#platform/api/localTime.ts";

export type PriceShape = (typeof PRICE_SHAPES)[number];

/** An outlook with each price without tax beside the one that is asked for, micro per kWh. */
export type PricedOutlook = { readonly body: OutlookBody; readonly withoutVat: readonly bigint[] };

const MICRO_PER_UNIT = 1_000_000;
const SECONDS_PER_MINUTE = 60;

/**
 * The same prices in the shape of a home system (docs/home-systems.md; R2.50): all times are UTC, all prices in the currency per
 * kWh, and each list starts with the interval that runs now.
 */
export function shapePrices(shape: PriceShape, outlook: PricedOutlook): PricesBody {
  switch (shape) {
    case "outlook":
      return outlook.body;
    case "evcc":
      return outlook.body.prices.map(({ startsAt, priceMicroPerKwh }) => ({
        start: utcIsoText(startsAt),
        end: utcIsoText(startsAt + outlook.body.intervalSeconds),
        value: units(priceMicroPerKwh),
      }));
    case "epex":
      return epexBody(outlook);
    case "emhass":
      return emhassBody(outlook);
    case "eltariff":
      return eltariffBody(outlook);
  }
}

function epexBody({ body }: PricedOutlook) {
  const { currency, intervalSeconds, prices } = body;
  return {
    unit_of_measurement: `${currency}/kWh`,
    ...certainty(body),
    price_per_kwh: units(prices[0]?.priceMicroPerKwh ?? "0"),
    data: prices.map(({ startsAt, priceMicroPerKwh }) => ({
      start_time: utcIsoText(startsAt),
      end_time: utcIsoText(startsAt + intervalSeconds),
      price_per_kwh: units(priceMicroPerKwh),
    })),
  };
}

function emhassBody({ body }: PricedOutlook) {
  const list = body.prices.map(({ priceMicroPerKwh }) => units(priceMicroPerKwh));
  return {
    ...certainty(body),
    optimization_time_step: body.intervalSeconds / SECONDS_PER_MINUTE,
    prediction_horizon: list.length,
    ...(body.side === "buy" ? { load_cost_forecast: list } : { prod_price_forecast: list }),
  };
}

function eltariffBody({ body, withoutVat }: PricedOutlook) {
  const { areaId, side, intervalSeconds, currency, prices } = body;
  return {
    componentId: `commonwatt-${areaId}-${side}`,
    priceDuration: durationText(intervalSeconds),
    currency,
    prices: prices.map(({ startsAt, priceMicroPerKwh }, i) => ({
      timestamp: utcIsoText(startsAt),
      priceExVat: units(withoutVat[i] ?? priceMicroPerKwh),
      priceIncVat: units(priceMicroPerKwh),
    })),
  };
}

function certainty({ startsAt, knownUntil, error }: OutlookBody) {
  const { meanAbsoluteMicroPerKwh } = error;
  return {
    starts_at: utcIsoText(startsAt),
    known_until: utcIsoText(knownUntil),
    forecast_error_per_kwh: meanAbsoluteMicroPerKwh === null ? null : units(meanAbsoluteMicroPerKwh),
  };
}

/** ISO 8601: PT1H, PT15M. */
function durationText(seconds: number): string {
  const minutes = seconds / SECONDS_PER_MINUTE;
  if (!Number.isInteger(minutes)) return `PT${seconds}S`;
  return minutes % SECONDS_PER_MINUTE === 0 ? `PT${minutes / SECONDS_PER_MINUTE}H` : `PT${minutes}M`;
}

/** Micro as a number of currency units, exact to six decimals. */
function units(micro: string | bigint): number {
  return Number(micro) / MICRO_PER_UNIT;
}
