import { wearMicroPerKwh } from "#domains/charging/rules/wear.ts";
import type { CurtailableLoad } from "#domains/charging/schedule/householdFlexibility.ts";
import type { WaitingVehicle } from "#domains/charging/schedule/waitingVehicle.ts";
import { seededRandom } from "#kernel/units/random.ts";
import { createVisits, type Visit } from "#world/stations/vehicles.ts";

export const INTERVAL_SECONDS = 900;
export const INTERVALS = 96;
/** Monday, 5 January 2026, in UTC: a workday of a station whose clocks show UTC. */
const DAY_STARTS_AT = 1_767_571_200;
const SECONDS_PER_HOUR = 3_600;
/** More visits than a day of one station has: each draws a stream of its own. */
const SEED_STRIDE = 1_000;

/** What is declared of the day; prices in micro per kWh, none of it is measured. */
export const STATION_DAY = {
  points: 12,
  phaseLimitW: 40_000,
  mostStartsAnHour: 4,
  /** Part of the vehicles that come with energy to spare, want none, and can discharge. */
  giving: 0.3,
  capacityWh: 60_000,
  /** Stored at arrival, parts of the capacity: of who wants energy at most, of who gives from and to. */
  stored: { wanting: 0.5, givingFrom: 0.7, givingTo: 0.95 },
  /** A giving vehicle keeps this part for its way. */
  kept: 0.5,
  battery: { batteryMicro: 6_000_000_000n, capacityWh: 60_000n, cycles: 3_000n, depthPermille: 800n },
  roundTripPermille: 850n,
  offPeakMicroPerKwh: [180_000n, 200_000n],
  marketMicroPerKwh: 390_000n,
  /** What vehicles ask of and would pay to one another, from and to, as parts of the market's price. */
  asked: [0.6, 1.1],
  paid: [0.7, 1.1],
  businessHours: { from: 8 * SECONDS_PER_HOUR, until: 18 * SECONDS_PER_HOUR },
  /** When the grid operator calls for energy, and how much it takes an interval. */
  call: { from: 16 * SECONDS_PER_HOUR, until: 17 * SECONDS_PER_HOUR, wantedW: 20_000 },
} as const;

/**
 * A vehicle that wants energy until it leaves, as its schedule needs it.
 *
 * @property limitMicroPerKwh what it would pay another vehicle
 */
export type TakingVehicle = WaitingVehicle & { readonly number: number; readonly limitMicroPerKwh: bigint };

/**
 * @property spareWh what it can give until it leaves, at the meter
 * @property askMicroPerKwh what it asks; its reserve, where that is more
 */
export type GivingVehicle = Pick<WaitingVehicle, "id" | "from" | "until" | "mostW" | "phases"> & {
  readonly number: number;
  readonly spareWh: number;
  readonly askMicroPerKwh: bigint;
};

export type StationSite = {
  readonly taking: readonly TakingVehicle[];
  readonly giving: readonly GivingVehicle[];
  /** Of the building, W an interval. */
  readonly fixedW: readonly number[];
  readonly curtailable: readonly CurtailableLoad[];
};

/** What a kWh that a vehicle gives costs it besides charging again. */
export const DISCHARGE_COSTS = {
  wearMicroPerKwh: wearMicroPerKwh(STATION_DAY.battery),
  roundTripPermille: STATION_DAY.roundTripPermille,
} as const;

/** A workday of a station beside a building: vehicles by the generator of depots' stations, some of them with energy to spare. */
export function drawStationDay(seed: number): StationSite {
  const { points } = STATION_DAY;
  const site = { id: "station", member: 1, use: "workplace", points } as const;
  const visits = createVisits(site, { seed, timeZone: "UTC" });
  const ends = DAY_STARTS_AT + INTERVALS * INTERVAL_SECONDS;
  const today = visits(DAY_STARTS_AT, ends).filter(
    ({ arrivesAt, leavesAt }) => arrivesAt >= DAY_STARTS_AT && leavesAt <= ends,
  );
  const drawn = today.map((visit, number) => drawVehicle(visit, { number, seed }));
  return {
    taking: drawn.flatMap((each) => (each.kind === "taking" ? [each.vehicle] : [])),
    giving: drawn.flatMap((each) => (each.kind === "giving" ? [each.vehicle] : [])),
    fixedW: hourly((hour) => 3_000 + 9_000 * bell(hour, 12, 4)),
    curtailable: [
      {
        id: "ventilation",
        wantedW: hourly((hour) => 6_000 * bell(hour, 13, 4)),
        comfortW: hourly((hour) => 2_000 * bell(hour, 13, 4)),
      },
    ],
  };
}

type Drawn =
  | { readonly kind: "taking"; readonly vehicle: TakingVehicle }
  | { readonly kind: "giving"; readonly vehicle: GivingVehicle };

function drawVehicle(visit: Visit, { number, seed }: { number: number; seed: number }): Drawn {
  const { giving, capacityWh, stored, kept, asked, paid, marketMicroPerKwh } = STATION_DAY;
  const random = seededRandom(seed * SEED_STRIDE + number);
  const { id, mostW, leastW, phases } = visit;
  const from = Math.ceil((visit.arrivesAt - DAY_STARTS_AT) / INTERVAL_SECONDS);
  const until = Math.floor((visit.leavesAt - DAY_STARTS_AT) / INTERVAL_SECONDS);
  const stay = { id, number, from, until, mostW, phases };
  const price = (part: readonly [number, number]) =>
    BigInt(Math.round(Number(marketMicroPerKwh) * (part[0] + random() * (part[1] - part[0]))));
  if (random() < giving) {
    const share = stored.givingFrom + random() * (stored.givingTo - stored.givingFrom);
    return {
      kind: "giving",
      vehicle: {
        ...{ ...stay, spareWh: Math.floor((share - kept) * capacityWh) },
        askMicroPerKwh: price(asked),
      },
    };
  }
  const freeWh = Math.floor((1 - random() * stored.wanting) * capacityWh);
  const wantedWh = Math.min(visit.wantedWh, freeWh);
  return { kind: "taking", vehicle: { ...stay, leastW, wantedWh, limitMicroPerKwh: price(paid) } };
}

function hourly(powerW: (hour: number) => number): number[] {
  return Array.from({ length: INTERVALS }, (_, i) =>
    Math.round(powerW((i * INTERVAL_SECONDS) / SECONDS_PER_HOUR)),
  );
}

function bell(hour: number, at: number, width: number): number {
  return Math.exp(-(((hour - at) / width) ** 2));
}
