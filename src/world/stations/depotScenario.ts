import type { QuotaTerms } from "#domains/charging/rules/quotaTerms.ts";
import type { SCHEDULE_RULES } from "#domains/charging/schedule/scheduleVehicles.ts";
import type { Setting } from "#world/simulation/setting.ts";

/** When vehicles come to a station: for the working day, for the night, or for a short stop. */
export type StationUse = "workplace" | "overnight" | "stop";

/**
 * A charging station.
 *
 * @property points vehicles that it can charge at once
 * @property connectionW what its connection carries, W, evenly on three phases
 */
export type Station = {
  readonly id: string;
  readonly name: string;
  readonly member: number;
  readonly use: StationUse;
  readonly points: number;
  readonly connectionW: number;
};

/** From a local hour of the day on, a price of energy, micro per kWh. */
export type TariffStep = { readonly fromHour: number; readonly tariffMicroPerKwh: number };

/**
 * Charging stations behind one transformer, which serves a conventional load as well. The same scenario gives the same trace; its seed
 * is that of vehicles and load.
 *
 * @property conventionalKwhPerYear what the households on the transformer use
 * @property tariff by rising hour; before the first step that of the last holds
 * @property reserveShare what the DSO keeps against its forecast's error, as a share of the forecast
 * @property schedule the rule by which stations part their power among vehicles
 * @property mostStartsAnHour a vehicle begins to charge so often within an hour at most
 * @property cnyMicroPerEther the rate that the DSO says with each period (R9.12)
 */
export type DepotScenario = Setting & {
  readonly kind: "depot";
  readonly terms: QuotaTerms;
  readonly stations: readonly Station[];
  readonly conventionalKwhPerYear: number;
  readonly tariff: readonly TariffStep[];
  readonly reserveShare: number;
  readonly schedule: (typeof SCHEDULE_RULES)[number];
  readonly mostStartsAnHour: number;
  readonly cnyMicroPerEther: bigint;
};

const SECONDS_PER_HOUR = 3_600;
const HOURS_OF_DAY = 24;

/** The tariff of energy at a local second of the day, micro per kWh. */
export function tariffAt(tariff: readonly TariffStep[], localSeconds: number): number {
  const hour = Math.floor(localSeconds / SECONDS_PER_HOUR) % HOURS_OF_DAY;
  const step = tariff.findLast(({ fromHour }) => fromHour <= hour) ?? tariff.at(-1);
  return step?.tariffMicroPerKwh ?? 0;
}
