import type { WaitingVehicle } from "#domains/charging/schedule/waitingVehicle.ts";
import { normalDeviate, type Random } from "#kernel/units/random.ts";

export const STATIONS = 8;
export const INTERVAL_SECONDS = 900;
export const PERIOD_SECONDS = 1_800;
export const INTERVALS_A_PERIOD = PERIOD_SECONDS / INTERVAL_SECONDS;
const DAY_SECONDS = 86_400;
export const INTERVALS = DAY_SECONDS / INTERVAL_SECONDS;
export const PERIODS = DAY_SECONDS / PERIOD_SECONDS;
/** An interval in hours. */
export const INTERVAL_HOURS = INTERVAL_SECONDS / 3_600;

/**
 * A vehicle at one of the stations, 1 to 8, within one day.
 *
 * @property valueMicroPerKwh what a kWh by its departure is worth to its driver, micro tokens
 * @property isAnnounced whether its station knows of it before it comes
 */
export type DayVehicle = WaitingVehicle & {
  readonly station: number;
  readonly valueMicroPerKwh: number;
  readonly isAnnounced: boolean;
};

/**
 * What happens on a day by each way of sharing the transformer.
 *
 * @property forecastW conventional load of each period as forecast
 * @property reserveW what the DSO keeps of each period against the forecast's error
 * @property conventionalW conventional load of each interval as it came
 */
export type ChargingDay = {
  readonly vehicles: readonly DayVehicle[];
  readonly ratingW: number;
  readonly forecastW: readonly number[];
  readonly reserveW: readonly number[];
  readonly conventionalW: readonly number[];
};

/**
 * What a vehicle wants, in seconds of the day, before it is laid on intervals.
 *
 * @property power its own limit and its least, W
 */
export type Wish = {
  readonly station: number;
  readonly arrivesAt: number;
  readonly leavesAt: number;
  readonly wantedWh: number;
  readonly power: { readonly mostW: number; readonly leastW: number; readonly isThreePhase: boolean };
  readonly isAnnounced: boolean;
};

export const ONE_PHASE = { mostW: 7_360, leastW: 1_380, isThreePhase: false } as const;
export const THREE_PHASES = { mostW: 11_040, leastW: 4_140, isThreePhase: true } as const;
/** No more is promised than this part of what its own limit gives in its stay. */
const PROMISED_PART = 0.9;
/** A kWh is worth more than the highest tariff to anyone who comes to charge: 1.50 to 3.50 CNY. */
const VALUE_MICRO = { least: 150_000_000, most: 350_000_000 } as const;

/** Vehicles of wishes, each within whole intervals of its stay; one that stays for none is left out. */
export function vehiclesOf(wishes: readonly Wish[], random: Random): DayVehicle[] {
  return wishes.flatMap((wish, i): DayVehicle[] => {
    const from = Math.ceil(wish.arrivesAt / INTERVAL_SECONDS);
    const until = Math.min(INTERVALS, Math.floor(wish.leavesAt / INTERVAL_SECONDS));
    const valueMicroPerKwh = Math.round(
      VALUE_MICRO.least + random() * (VALUE_MICRO.most - VALUE_MICRO.least),
    );
    const { isThreePhase, ...power } = wish.power;
    const possibleWh = Math.floor(PROMISED_PART * power.mostW * (until - from) * INTERVAL_HOURS);
    const wantedWh = Math.min(Math.round(wish.wantedWh), possibleWh);
    if (until <= from || wantedWh <= 0) return [];
    const phases = isThreePhase ? ([0, 1, 2] as const) : [PHASES[i % PHASES.length] ?? 0];
    return [
      {
        id: `${i}`.padStart(5, "0"),
        station: wish.station,
        from,
        until,
        wantedWh,
        ...power,
        phases,
        valueMicroPerKwh,
        isAnnounced: wish.isAnnounced,
      },
    ];
  });
}

const PHASES = [0, 1, 2] as const;

/** How far conventional load is off its forecast: normal, cut where the reserve ends, so that a reserve covers all of it. */
const ERROR = { deviation: 0.03, most: 0.06 } as const;

/** Conventional load, a part of the rating that has its peak in the evening, and the load as it came. */
export function drawConventionalLoad(
  ratingW: number,
  random: Random,
): Pick<ChargingDay, "forecastW" | "reserveW" | "conventionalW"> {
  const forecastW = Array.from({ length: PERIODS }, (_, k) => Math.ceil(ratingW * conventionalPart(k)));
  const conventionalW = Array.from({ length: INTERVALS }, (_, i) => {
    const deviation = ERROR.deviation * normalDeviate(random);
    const cut = Math.max(-ERROR.most, Math.min(ERROR.most, deviation));
    return Math.floor((forecastW[Math.floor(i / INTERVALS_A_PERIOD)] ?? 0) * (1 + cut));
  });
  return { forecastW, reserveW: forecastW.map((powerW) => Math.ceil(powerW * ERROR.most)), conventionalW };
}

/** 30 % of the rating at night, about half at noon, 66 % at seven in the evening. */
export function conventionalPart(period: number): number {
  const hour = (period + 0.5) / 2;
  const bell = (at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2));
  return 0.3 + 0.2 * bell(11, 3) + 0.36 * bell(19, 2.5);
}
