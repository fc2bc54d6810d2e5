import { DomainError } from "#kernel/units/domainError.ts";
import type { LocalClock } from "#kernel/units/localClock.ts";
import type { TimeSpan } from "./chargingSession.ts";

/** What holds from a time of the day on, until the next; prices are whole micro, and never below nothing. */
export type DayPrice = {
  /** Minutes since local midnight, whole quarter-hours. */
  readonly fromMinute: number;
  readonly energyMicroPerKwh: bigint;
  /** While the vehicle charges. */
  readonly timeMicroPerHour: bigint;
  /** While it stands there without charging, after the time of grace. */
  readonly idleMicroPerHour: bigint;
};

/** What a session costs, taxes included (R8.17). */
export type ChargingTariff = {
  readonly tariffId: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly sessionFeeMicro: bigint;
  readonly idleGraceSeconds: number;
  /** By rising time; the first from midnight. */
  readonly prices: readonly DayPrice[];
};

export type PricedSpan = TimeSpan & { readonly price: DayPrice };

const QUARTER_SECONDS = 900;
const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_QUARTER = 15;
const MINUTES_PER_DAY = 1_440;

/** @throws TariffImpossibleError when the prices do not cover the day, or one is below nothing */
export function requireTariff({ tariffId, prices, sessionFeeMicro, idleGraceSeconds }: ChargingTariff): void {
  const rises = prices.every(({ fromMinute }, i) => fromMinute > (prices[i - 1]?.fromMinute ?? -1));
  const minutes = prices.map(({ fromMinute }) => fromMinute);
  if (minutes[0] !== 0 || !rises) throw new TariffImpossibleError(tariffId, "its prices rise in time from 0");
  if (minutes.some((minute) => minute % MINUTES_PER_QUARTER !== 0 || minute >= MINUTES_PER_DAY))
    throw new TariffImpossibleError(tariffId, "its prices change at quarter-hours of a day");
  const amounts = prices.flatMap((price) => [
    price.energyMicroPerKwh,
    price.timeMicroPerHour,
    price.idleMicroPerHour,
  ]);
  if ([...amounts, sessionFeeMicro, BigInt(idleGraceSeconds)].some((amount) => amount < 0n))
    throw new TariffImpossibleError(tariffId, "nothing in it is below zero");
}

/** A span cut where the price changes, on the days when clocks do too. */
export function pricedSpans({ prices }: ChargingTariff, clock: LocalClock, span: TimeSpan): PricedSpan[] {
  const spans: PricedSpan[] = [];
  for (let from = span.from; from < span.to; ) {
    const quarterEnd = (Math.floor(from / QUARTER_SECONDS) + 1) * QUARTER_SECONDS;
    const to = Math.min(quarterEnd, span.to);
    const price = priceAt(prices, clock, from);
    const last = spans.at(-1);
    if (last?.price === price) spans[spans.length - 1] = { from: last.from, to, price };
    else spans.push({ from, to, price });
    from = to;
  }
  return spans;
}

function priceAt(prices: readonly DayPrice[], clock: LocalClock, instant: number): DayPrice {
  const localMinute = Math.floor((instant + clock.offsetAt(instant)) / SECONDS_PER_MINUTE);
  const minute = ((localMinute % MINUTES_PER_DAY) + MINUTES_PER_DAY) % MINUTES_PER_DAY;
  const price = prices.filter(({ fromMinute }) => fromMinute <= minute).at(-1);
  if (price === undefined) throw new TariffImpossibleError("", "it has a price for each minute");
  return price;
}

export class TariffImpossibleError extends DomainError {
  readonly code = "tariffImpossible";

  constructor(tariffId: string, sentence: string) {
    super(`the charging tariff ${JSON.stringify(tariffId)} cannot be: ${sentence}`);
  }
}
