import { describe, expect, it } from "vitest";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { createEnergyRow } from "#world/households/series.ts";
import { dynamisation, standardDay, standardLoadW } from "./standardLoad.ts";
import { clearSkyWPerM2, planeIrradiance, planeOf, sunAt } from "./sun.ts";
import { createSyntheticSeries, type SyntheticHome } from "./syntheticSeries.ts";

const HOME: SyntheticHome = { kwhPerYear: 3_000, shiftHours: 0, pv: null, vehicle: null };
const SOLAR: SyntheticHome = { ...HOME, pv: { peakW: 5_000, tiltDeg: 35, azimuthDeg: 180 } };
const DRIVER: SyntheticHome = { ...HOME, vehicle: { whPerDay: 6_000, chargerW: 3_700 } };

function seriesOf(homes: readonly SyntheticHome[], seed = 1) {
  return createSyntheticSeries({
    seed,
    startsAt: Date.UTC(2025, 0, 1) / 1_000,
    intervalSeconds: 900,
    clock: createLocalClock("Europe/Berlin"),
    place: { latitudeDeg: 48.7, longitudeDeg: 11.4 },
    cloudCover: 0.7,
    homes,
  });
}

function totals(homes: readonly SyntheticHome[], days: number) {
  const series = seriesOf(homes);
  const row = createEnergyRow(homes.length);
  const sums = homes.map(() => ({ loadWh: 0, pvWh: 0 }));
  for (let index = 0; index < days * 96; index += 1) {
    series.read(index, row);
    sums.forEach((sum, home) => {
      sum.loadWh += row.loadWh[home]!;
      sum.pvWh += row.pvWh[home]!;
    });
  }
  return sums;
}

describe("the generator", () => {
  it("gives any interval, in any order, the same values: whole Wh, never negative", () => {
    const series = seriesOf([SOLAR, DRIVER]);
    const one = createEnergyRow(2);
    const other = createEnergyRow(2);
    for (const index of [50, 5_000, 51, 96 * 400 + 48]) {
      series.read(index, one);
      seriesOf([SOLAR, DRIVER]).read(index, other);
      expect(one).toEqual(other);
      for (const valueWh of [...one.loadWh, ...one.pvWh])
        expect(Number.isInteger(valueWh) && valueWh >= 0).toBe(true);
    }
  });

  it("leaves a home as it is when another one comes", () => {
    const alone = createEnergyRow(1);
    const both = createEnergyRow(2);
    seriesOf([SOLAR]).read(500, alone);
    seriesOf([SOLAR, HOME]).read(500, both);
    expect([both.loadWh[0], both.pvWh[0]]).toEqual([alone.loadWh[0], alone.pvWh[0]]);
  });

  it("uses about what a year's figure says, and harvests what Bavaria does", () => {
    const [home, solar, driver] = totals([HOME, SOLAR, DRIVER], 365);
    expect(home!.loadWh / 3_000_000).toBeGreaterThan(0.9);
    expect(home!.loadWh / 3_000_000).toBeLessThan(1.1);
    expect(solar!.pvWh / 5_000).toBeGreaterThan(800);
    expect(solar!.pvWh / 5_000).toBeLessThan(1_300);
    expect((driver!.loadWh - 3_000_000) / (365 * 6_000)).toBeGreaterThan(0.8);
    expect((driver!.loadWh - 3_000_000) / (365 * 6_000)).toBeLessThan(1.2);
  });
});

describe("the standard household", () => {
  it("has a mean of its yearly energy", () => {
    let sumWh = 0;
    for (let day = 1; day <= 365; day += 1)
      for (let hour = 0; hour < 24; hour += 1) sumWh += standardLoadW(standardDay(day, day % 7), 4_000, hour);
    expect(sumWh / 4_000_000).toBeCloseTo(1, 2);
  });

  it("uses more in January than in July", () => {
    expect(dynamisation(15)).toBeGreaterThan(1.15);
    expect(dynamisation(196)).toBeLessThan(0.85);
  });
});

describe("the sun", () => {
  const place = { latitudeDeg: 48.7, longitudeDeg: 11.4 };
  const solarNoon = (month: number, day: number) => Date.UTC(2025, month, day, 11, 15) / 1_000;

  it("stands 64.7° high on a June noon and 17.9° in December (90° − latitude ± 23.44°)", () => {
    const height = (instant: number) => (Math.asin(sunAt(instant, place).up) * 180) / Math.PI;
    expect(height(solarNoon(5, 21))).toBeCloseTo(64.7, 0);
    expect(height(solarNoon(11, 21))).toBeCloseTo(17.9, 0);
  });

  it("is in the east in the morning, in the south at noon, below the horizon at night", () => {
    expect(sunAt(Date.UTC(2025, 5, 21, 6) / 1_000, place).east).toBeGreaterThan(0.5);
    expect(sunAt(solarNoon(5, 21), place).north).toBeLessThan(-0.3);
    expect(sunAt(Date.UTC(2025, 5, 21, 23) / 1_000, place).up).toBeLessThan(0);
  });

  it("gives at most what Haurwitz's clear sky does on the flat, and nothing without light", () => {
    expect(clearSkyWPerM2(1)).toBeCloseTo(1_037, 0);
    const sun = sunAt(solarNoon(5, 21), place);
    expect(planeIrradiance(sun, planeOf(0, 180), 1)).toBeCloseTo(clearSkyWPerM2(sun.up), 6);
    expect(planeIrradiance(sun, planeOf(35, 180), 0.3)).toBeLessThan(
      planeIrradiance(sun, planeOf(35, 180), 1),
    );
    expect(planeIrradiance(sunAt(Date.UTC(2025, 5, 21, 23) / 1_000, place), planeOf(35, 180), 1)).toBe(0);
  });
});
