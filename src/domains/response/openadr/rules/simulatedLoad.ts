import { seededRandom } from "#kernel/units/random.ts";
import type { ValuesMap } from "../model/payloads.ts";

/** A load that a VEN controls: its most power, and the part of its energy that may be used at another time. */
export type FlexibleLoad = { readonly seed: number; readonly ratedW: number; readonly flexibleShare: number };

/** An interval of an event as a load is asked to follow it; times are unix seconds, half-open. */
export type AskedInterval = {
  readonly startsAt: number;
  readonly endsAt: number;
  readonly payloads: readonly ValuesMap[];
};

/** What a load would have used of its own accord, and what it used as asked. */
export type FollowedInterval = AskedInterval & { readonly baselineWh: number; readonly usedWh: number };

const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;
const STEP_SECONDS = 60;
const WATT_PER_KILOWATT = 1_000;
/** A day's middle and swing, as parts of the rating; the peak is at 19 h UTC. */
const MIDDLE = 0.5;
const SWING = 0.25;
const NOISE = 0.1;
const PEAK_HOUR = 19;
/** SIMPLE's levels go from 0, as usual, to 3, the least that is possible (OpenADR 3.1). */
const LEVELS = 4;

/** Power at a time without any event, W: the same seed and minute give the same. */
export function naturalPowerW({ seed, ratedW }: FlexibleLoad, at: number): number {
  const minute = Math.floor(at / STEP_SECONDS);
  const hour = (at % SECONDS_PER_DAY) / SECONDS_PER_HOUR;
  const noise = NOISE * (2 * seededRandom(seed * 7_919 + minute)() - 1);
  return ratedW * (MIDDLE + SWING * Math.cos((2 * Math.PI * (hour - PEAK_HOUR)) / 24) + noise);
}

/**
 * How a load follows the intervals of an event, in order. A price or an intensity of greenhouse gas moves the flexible energy to the intervals
 * where it is lowest, so that the sum stays (R2.63, R6.15); a level, a limit or a setpoint binds each interval by itself.
 */
export function followIntervals(load: FlexibleLoad, asked: readonly AskedInterval[]): FollowedInterval[] {
  const natural = asked.map((interval) => ({ ...interval, baselineWh: naturalWh(load, interval) }));
  const shifted = shiftEnergy(load, natural);
  return natural.map((interval, i) => ({
    ...interval,
    usedWh: Math.round(boundedWh(load, interval, shifted[i] ?? interval.baselineWh)),
  }));
}

type Natural = AskedInterval & { readonly baselineWh: number };

/** Whole Wh, from the power at each minute. */
function naturalWh(load: FlexibleLoad, { startsAt, endsAt }: AskedInterval): number {
  let joules = 0;
  for (let at = startsAt; at < endsAt; at += STEP_SECONDS)
    joules += naturalPowerW(load, at) * Math.min(STEP_SECONDS, endsAt - at);
  return Math.round(joules / SECONDS_PER_HOUR);
}

function shiftEnergy({ ratedW, flexibleShare }: FlexibleLoad, natural: readonly Natural[]): number[] {
  const costs = natural.map(({ payloads }) => costOf(payloads));
  const priced = costs.flatMap((cost, i) => (cost === null ? [] : [{ cost, i }]));
  const energies = natural.map(({ baselineWh }) => baselineWh);
  if (new Set(priced.map(({ cost }) => cost)).size < 2) return energies;
  let movable = 0;
  for (const { i } of priced) {
    const part = (energies[i] ?? 0) * flexibleShare;
    movable += part;
    energies[i] = (energies[i] ?? 0) - part;
  }
  for (const { i } of priced.toSorted((a, b) => a.cost - b.cost || a.i - b.i)) {
    const interval = natural[i];
    const most =
      interval === undefined ? 0 : (ratedW * (interval.endsAt - interval.startsAt)) / SECONDS_PER_HOUR;
    const taken = Math.min(movable, Math.max(0, most - (energies[i] ?? 0)));
    energies[i] = (energies[i] ?? 0) + taken;
    movable -= taken;
  }
  return energies;
}

/** What energy costs its user or the climate; null where nothing is said. */
function costOf(payloads: readonly ValuesMap[]): number | null {
  return firstValue(payloads, "PRICE") ?? firstValue(payloads, "GHG");
}

function boundedWh(
  { ratedW }: FlexibleLoad,
  { payloads, startsAt, endsAt }: Natural,
  energyWh: number,
): number {
  const hours = (endsAt - startsAt) / SECONDS_PER_HOUR;
  const level = firstValue(payloads, "SIMPLE");
  const limitKw = firstValue(payloads, "IMPORT_CAPACITY_LIMIT");
  const setpointKw = firstValue(payloads, "DISPATCH_SETPOINT");
  const wanted =
    setpointKw === null ? energyWh : Math.min(Math.max(setpointKw * WATT_PER_KILOWATT, 0), ratedW) * hours;
  const left = wanted * (1 - Math.min(Math.max(level ?? 0, 0), LEVELS - 1) / LEVELS);
  return limitKw === null ? left : Math.min(left, Math.max(limitKw * WATT_PER_KILOWATT, 0) * hours);
}

function firstValue(payloads: readonly ValuesMap[], type: string): number | null {
  const [value] = payloads.find((each) => each.type === type)?.values ?? [];
  return typeof value === "number" ? value : null;
}
