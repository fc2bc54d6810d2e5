import { describe, expect, it } from "vitest";
import { byDay, byInterval, type EnergySeries, isSubMetered, lastPart, sumBehind } from "./seriesSums.ts";

/** Three intervals of one day, none of the second, one of the third. */
const SERIES: EnergySeries = {
  account: 5,
  areaId: 1,
  intervalSeconds: 900,
  startsAt: [0, 900, 1_800, 172_800],
  importWh: [100, 0, 50, 10],
  exportWh: [0, 300, 0, 0],
  boughtWh: [40, 0, 0, 0],
  soldWh: [0, 100, 0, 0],
  costMicro: ["30000", "-24000", null, "3200"],
  tariffMicro: ["32000", "-24000", null, "3200"],
  loadWh: [null, null, null, null],
  pvWh: [null, null, null, null],
  storedWh: [null, null, null, null],
};
const DAYS = [0, 86_400, 172_800];

describe("the columns of a chart", () => {
  it("are what passed the meter where a home has no sub-meter", () => {
    expect(isSubMetered(SERIES)).toBe(false);
    expect(sumBehind(SERIES)).toBeNull();
    expect(byInterval(SERIES)).toMatchObject({ used: [0.1, 0, 0.05, 0.01], made: [0, 0.3, 0, 0] });
  });

  it("are of the last hours of what was measured, where only a part is looked at", () => {
    expect(byInterval(lastPart(SERIES, 3_600))).toMatchObject({ times: [172_800], used: [0.01] });
    expect(lastPart(SERIES, 172_800)).toMatchObject({ startsAt: [900, 1_800, 172_800], areaId: 1 });
    expect(lastPart(SERIES, 366 * 86_400)).toEqual(SERIES);
  });

  it("sum days, and leave days without an interval empty", () => {
    const { times, used, made, cost } = byDay(SERIES, DAYS);
    expect(times).toBe(DAYS);
    expect(used).toEqual([0.15, null, 0.01]);
    expect(made).toEqual([0.3, null, 0]);
    expect(cost[0]).toBeCloseTo(0.006, 9);
    expect(cost.slice(1)).toEqual([null, 0.0032]);
  });

  it("count as own use what was generated and not exported, interval by interval", () => {
    const series = { ...SERIES, loadWh: [400, 500, 50, 10], pvWh: [300, 800, 0, 0] };
    expect(sumBehind(series)).toEqual({ loadWh: 960, pvWh: 1_100, ownPvWh: 800 });
    expect(byInterval(series)).toMatchObject({ used: [0.4, 0.5, 0.05, 0.01], made: [0.3, 0.8, 0, 0] });
    // A battery may export more than the sun gives at that moment; own use never falls below nothing.
    expect(sumBehind({ ...series, pvWh: [300, 100, 0, 0] })).toMatchObject({ ownPvWh: 300 });
  });
});
