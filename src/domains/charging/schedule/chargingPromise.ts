import { scheduleAsTheyCome } from "./scheduleVehicles.ts";
import type { StationNow } from "./stationNow.ts";
import type { VehicleSchedule, WaitingVehicle } from "./waitingVehicle.ts";

/** A vehicle whose driver asks what it can be promised: it is there from the interval that runs. */
export type AskingVehicle = Pick<WaitingVehicle, "wantedWh" | "mostW" | "leastW" | "phases"> & {
  /** Unix seconds. */
  readonly departsAt: number;
};

/**
 * What a vehicle gets until it leaves.
 *
 * @property offeredW in each interval from that which runs on, W
 * @property fullAt when it has all that it wants, unix seconds; null where it never does
 */
export type Promised = {
  readonly energyWh: number;
  readonly offeredW: readonly number[];
  readonly fullAt: number | null;
};

/**
 * @property alone with the vehicles that are there now
 * @property crowded where each point that is free is taken from the next interval on, by a vehicle of the same wishes
 * @property others vehicles that are there
 * @property comers vehicles that may come
 */
export type ChargingPromise = {
  readonly alone: Promised;
  readonly crowded: Promised;
  readonly others: number;
  readonly comers: number;
};

const SECONDS_PER_HOUR = 3_600;
/** No vehicle stays longer. */
const LONGEST_SECONDS = 86_400;
const YOU = "you";

/**
 * What a station's quota is worth to one more vehicle, by the schedule that the station itself goes by: planned anew before each
 * interval for those who are there. The present limit is taken to go on where later ones are not known (docs/charging-stations.md).
 */
export function promiseCharging(asking: AskingVehicle, now: StationNow): ChargingPromise {
  const { startsAt, points, site, by } = now;
  const stay = Math.min(asking.departsAt - startsAt, LONGEST_SECONDS);
  const until = Math.max(0, Math.floor(stay / site.intervalSeconds));
  const { departsAt: _, ...wishes } = asking;
  const you: WaitingVehicle = { ...wishes, id: YOU, from: 0, until };
  const comers = Math.max(0, points - now.vehicles.length - 1);
  const coming = Array.from({ length: comers }, (_, i) => ({ ...you, id: `comer ${i}`, from: 1 }));
  const outcome = (others: readonly WaitingVehicle[]) => {
    const limitW = Array.from({ length: until }, () => site.limitW[0] ?? 0);
    const { priceMicroPerKwh: __, ...rest } = site;
    const [own] = scheduleAsTheyCome([you, ...others], { ...by, site: { ...rest, limitW } });
    return promisedBy(own, { wantedWh: asking.wantedWh, startsAt, seconds: site.intervalSeconds });
  };
  return {
    alone: outcome(now.vehicles),
    crowded: outcome([...now.vehicles, ...coming]),
    others: now.vehicles.length,
    comers,
  };
}

function promisedBy(
  schedule: VehicleSchedule | undefined,
  { wantedWh, startsAt, seconds }: { wantedWh: number; startsAt: number; seconds: number },
): Promised {
  const { offeredW = [], energyWh = 0 } = schedule ?? {};
  let left = wantedWh;
  for (const [i, powerW] of offeredW.entries()) {
    const givenWh = (powerW * seconds) / SECONDS_PER_HOUR;
    if (powerW > 0 && givenWh >= left - 1e-6)
      return {
        ...{ energyWh, offeredW },
        fullAt: startsAt + i * seconds + Math.ceil((left * SECONDS_PER_HOUR) / powerW),
      };
    left -= givenWh;
  }
  return { energyWh, offeredW, fullAt: null };
}
