import { describe, expect, it } from "vitest";
import { type AskingVehicle, promiseCharging } from "./chargingPromise.ts";
import type { StationNow } from "./stationNow.ts";
import type { WaitingVehicle } from "./waitingVehicle.ts";

const START = 1_747_000_800;
const HOUR = 3_600;
const ASKING: AskingVehicle = {
  ...{ wantedWh: 20_000, mostW: 11_000, leastW: 4_140, phases: [0, 1, 2] },
  departsAt: START + 4 * HOUR,
};
const OTHER: WaitingVehicle = {
  ...{ id: "other", from: 0, until: 8, wantedWh: 22_000 },
  ...{ mostW: 11_000, leastW: 4_140, phases: [0, 1, 2] },
};

function station(limitW: number, vehicles: readonly WaitingVehicle[] = [], points = 2): StationNow {
  return {
    ...{
      startsAt: START,
      limitUntil: START + 1_800,
      points,
      vehicles,
      by: { rule: "leastLaxity" },
      offeredW: vehicles.map(() => 0),
    },
    site: { limitW: [limitW], phaseLimitW: 20_000, intervalSeconds: 900, mostStartsAnHour: 60 },
  };
}
const promise = (now: StationNow, asking = ASKING) => promiseCharging(asking, now);

/** 20 kWh at 11 kW. */
const AT_FULL_POWER = Math.ceil((20_000 * HOUR) / 11_000);

/** The last interval is offered evenly what is lacking, so that it may be over with it. */
function expectWithin(at: number | null, earliest: number): void {
  expect(at).toBeGreaterThanOrEqual(earliest);
  expect(at).toBeLessThanOrEqual(Math.ceil(earliest / 900) * 900);
}

describe("a promise", () => {
  it("is all that is wanted, and when, where the quota is large enough", () => {
    const given = promise(station(22_000));
    expectWithin(given.alone.fullAt, START + AT_FULL_POWER);
    expect(given).toMatchObject({
      alone: { energyWh: 20_000 },
      crowded: { energyWh: 20_000 },
      others: 0,
      comers: 1,
    });
  });

  it("is less where others come, and what all get together is within the quota", () => {
    const { alone, crowded } = promise(station(8_000));
    expect(alone).toMatchObject({ energyWh: 20_000, fullAt: START + 2.5 * HOUR });
    // 8 kW for four hours are 32 kWh, of which two want 40.
    expect(crowded.fullAt).toBeNull();
    expect(crowded.energyWh).toBeLessThan(20_000);
    expect(crowded.energyWh).toBeGreaterThanOrEqual(32_000 - 20_000);
  });

  it("goes after a vehicle that is there and has less slack", () => {
    const { alone, others, comers } = promise(station(11_000, [OTHER]));
    expect([others, comers]).toEqual([1, 0]);
    expect(alone.offeredW.slice(0, 8).reduce((sum, powerW) => sum + powerW, 0)).toBe(0);
    expectWithin(alone.fullAt, START + 2 * HOUR + AT_FULL_POWER);
  });

  it("is nothing without a quota, or for one that leaves at once", () => {
    expect(promise(station(0)).alone).toMatchObject({ energyWh: 0, fullAt: null });
    expect(promise(station(22_000), { ...ASKING, departsAt: START + 60 }).alone).toMatchObject({
      energyWh: 0,
    });
  });
});
