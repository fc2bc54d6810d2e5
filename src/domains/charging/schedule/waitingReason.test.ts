import { describe, expect, it } from "vitest";
import { scheduleVehicles } from "./scheduleVehicles.ts";
import type { StationNow } from "./stationNow.ts";
import { waitingReasons } from "./waitingReason.ts";
import type { SchedulingSite, WaitingVehicle } from "./waitingVehicle.ts";

const SITE: SchedulingSite = {
  limitW: [11_000],
  phaseLimitW: 20_000,
  intervalSeconds: 900,
  mostStartsAnHour: 4,
};

const HURRIED: WaitingVehicle = {
  ...{ id: "hurried", from: 0, until: 8, wantedWh: 20_000 },
  ...{ mostW: 11_000, leastW: 4_140, phases: [0, 1, 2] },
};
const PATIENT: WaitingVehicle = { ...HURRIED, id: "patient", until: 40, wantedWh: 5_000 };

function station(
  vehicles: readonly WaitingVehicle[],
  changes: Partial<SchedulingSite> & { offeredW?: readonly number[] } = {},
): StationNow {
  const { offeredW, ...rest } = changes;
  const site = { ...SITE, ...rest };
  const by = { rule: "leastLaxity" } as const;
  const schedules = scheduleVehicles(vehicles, { site, ...by });
  return {
    ...{ startsAt: 0, limitUntil: 900, points: 4, site, by, vehicles },
    offeredW: offeredW ?? schedules.map((each) => each.offeredW[0] ?? 0),
  };
}

describe("a vehicle that does not charge", () => {
  it("waits for one with less slack, by the schedule's own figures", () => {
    expect(waitingReasons(station([HURRIED, PATIENT]))).toEqual([
      {
        ...{ id: "patient", kind: "lessSlack", ahead: 1 },
        ...{ limitW: 11_000, freeW: 0, leastW: 4_140 },
        // Ten hours less what 5 kWh take at 11 kW.
        slackSeconds: Math.floor(36_000 - (5_000 * 3_600) / 11_000),
      },
    ]);
  });

  it.each([
    ["has no quota", { limitW: [0] }, "noQuota"],
    ["has less quota than its least current", { limitW: [4_000] }, "belowLeast"],
    [
      "has a price to wait for",
      { offeredW: [0], limitW: [11_000, 11_000], priceMicroPerKwh: [2, 1] },
      "price",
    ],
    [
      "has no price to wait for",
      { offeredW: [0], limitW: [11_000, 11_000], priceMicroPerKwh: [1, 1] },
      "later",
    ],
  ] as const)("%s", (_, changes, kind) => {
    expect(waitingReasons(station([PATIENT], changes))).toMatchObject([{ kind }]);
  });

  it("started as often as it may", () => {
    const restless = { ...PATIENT, chargedBefore: [true, false, true, false] };
    const now = station([restless], { offeredW: [0], mostStartsAnHour: 1 });
    expect(waitingReasons(now)).toMatchObject([{ kind: "tooManyStarts" }]);
  });

  it("waits for the fullest of its phases", () => {
    const single: WaitingVehicle = { ...HURRIED, id: "one", phases: [0], mostW: 3_680, leastW: 1_380 };
    const other: WaitingVehicle = { ...single, id: "two", until: 40 };
    const now = station([single, other], { limitW: [22_000], phaseLimitW: 4_000, offeredW: [3_680, 0] });
    expect(waitingReasons(now)).toMatchObject([{ id: "two", kind: "lessSlack", freeW: 320 }]);
  });

  it("is not one that charges, is gone, or is full", () => {
    const full = { ...PATIENT, id: "full", wantedWh: 0 };
    const gone = { ...PATIENT, id: "gone", until: 0 };
    expect(waitingReasons(station([HURRIED, full, gone], { offeredW: [11_000, 0, 0] }))).toEqual([]);
  });
});
