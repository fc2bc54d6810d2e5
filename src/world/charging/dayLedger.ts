import { marginW } from "#domains/charging/rules/margin.ts";
import { shanghaiTariffAt } from "#domains/charging/rules/tariff.ts";
import { type ChargingDay, INTERVAL_HOURS, INTERVAL_SECONDS, INTERVALS } from "./chargingDay.ts";
import type { Ongoing } from "./ongoing.ts";

/**
 * What became of a day.
 *
 * @property takenWh energy by vehicle, in the day's order
 * @property worthMicro value to the drivers of what they took, less its tariff, micro tokens
 * @property stationsW power of all stations in each interval
 * @property tradedW quota that changed hands, over all periods
 * @property penaltyMicro for energy above quotas, which nobody should owe
 */
export type DayOutcome = {
  readonly takenWh: readonly number[];
  readonly worthMicro: number;
  readonly stationsW: readonly number[];
  readonly tradedW: number;
  readonly penaltyMicro: bigint;
};

const WH_PER_KWH = 1_000;

/** Books what vehicles take. */
export type DayLedger = {
  take(each: Ongoing, what: { readonly interval: number; readonly takenWh: number }): void;
  close(sums: Pick<DayOutcome, "tradedW" | "penaltyMicro">): DayOutcome;
};

export function openLedger(day: ChargingDay): DayLedger {
  const stationsW = new Array<number>(INTERVALS).fill(0);
  const takenWh = new Map<string, number>();
  let worthMicro = 0;
  return {
    take({ vehicle }, { interval, takenWh: energyWh }) {
      const tariff = Number(shanghaiTariffAt(interval * INTERVAL_SECONDS));
      worthMicro += ((vehicle.valueMicroPerKwh - tariff) * energyWh) / WH_PER_KWH;
      stationsW[interval] = (stationsW[interval] ?? 0) + energyWh / INTERVAL_HOURS;
      takenWh.set(vehicle.id, (takenWh.get(vehicle.id) ?? 0) + energyWh);
    },
    close: (sums) => ({
      takenWh: day.vehicles.map(({ id }) => takenWh.get(id) ?? 0),
      worthMicro,
      stationsW,
      ...sums,
    }),
  };
}

/** What a period leaves for stations, W. */
export function marginOfPeriod({ ratingW, forecastW, reserveW }: ChargingDay, period: number): number {
  return marginW({ ratingW, forecastW: forecastW[period] ?? 0, reserveW: reserveW[period] ?? 0 });
}
