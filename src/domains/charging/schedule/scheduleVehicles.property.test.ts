import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ScheduleRule, scheduleVehicles, type WaitingVehicle } from "./scheduleVehicles.ts";

const QUARTER = 900;
const INTERVALS = 24;
const LEAST_A_PHASE_W = 1_380;

const vehicle = fc
  .record({
    from: fc.nat(INTERVALS - 1),
    stay: fc.integer({ min: 1, max: INTERVALS }),
    wantedWh: fc.integer({ min: 1, max: 40_000 }),
    mostA: fc.integer({ min: 6, max: 32 }),
    phases: fc.constantFrom<readonly (0 | 1 | 2)[]>([0], [1], [2], [0, 1, 2]),
  })
  .map(({ from, stay, wantedWh, mostA, phases }) => ({
    from,
    until: from + stay,
    wantedWh,
    mostW: mostA * 230 * phases.length,
    leastW: LEAST_A_PHASE_W * phases.length,
    phases,
  }));
const vehicles: fc.Arbitrary<WaitingVehicle[]> = fc
  .array(vehicle, { maxLength: 10 })
  .map((list) => list.map((each, i) => ({ ...each, id: `vehicle-${i}` })));
const site = fc.record({
  limitW: fc.array(fc.nat(60_000), { minLength: INTERVALS, maxLength: INTERVALS }),
  phaseLimitW: fc.integer({ min: 1_000, max: 20_000 }),
  intervalSeconds: fc.constant(QUARTER),
  mostStartsAnHour: fc.integer({ min: 1, max: 4 }),
});

describe.each<ScheduleRule>(["leastLaxity", "proportional"])("a schedule by %s", (rule) => {
  it("keeps each limit of vehicle, phase and station, and offers the least current or nothing", () => {
    fc.assert(
      fc.property(vehicles, site, (of, at) => {
        const schedules = scheduleVehicles(of, { site: at, rule });
        for (const [interval, limitW] of at.limitW.entries()) {
          const phaseW = [0, 0, 0];
          let stationW = 0;
          for (const [i, { offeredW }] of schedules.entries()) {
            const powerW = offeredW[interval]!;
            const { leastW, mostW, phases, from, until } = of[i]!;
            expect(powerW === 0 || (powerW >= leastW && powerW <= mostW)).toBe(true);
            if (interval < from || interval >= until) expect(powerW).toBe(0);
            stationW += powerW;
            for (const phase of phases) phaseW[phase]! += powerW / phases.length;
          }
          expect(stationW).toBeLessThanOrEqual(limitW);
          expect(Math.max(...phaseW)).toBeLessThanOrEqual(at.phaseLimitW + 1e-6);
        }
      }),
    );
  });

  it("begins no oftener in an hour than is allowed, and gives no more than was wanted", () => {
    fc.assert(
      fc.property(vehicles, site, (of, at) => {
        for (const [i, each] of scheduleVehicles(of, { site: at, rule }).entries()) {
          const starts = each.offeredW.flatMap((powerW, k) =>
            powerW > 0 && (each.offeredW[k - 1] ?? 0) === 0 ? [k] : [],
          );
          for (const start of starts) {
            const within = starts.filter((other) => other <= start && other > start - 4);
            expect(within.length).toBeLessThanOrEqual(at.mostStartsAnHour);
          }
          expect(each.energyWh + each.shortfallWh).toBeCloseTo(of[i]!.wantedWh, 6);
          expect(each.shortfallWh).toBeGreaterThanOrEqual(0);
          expect(each.energyWh).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it("keeps every promise where all have room at once and time enough", () => {
    fc.assert(
      fc.property(vehicles, (of) => {
        const able = of.map((each) => {
          const until = Math.min(each.until, INTERVALS);
          const mostWh = Math.floor((each.mostW * (until - each.from) * QUARTER) / 3_600);
          return { ...each, until, wantedWh: Math.min(each.wantedWh, mostWh) };
        });
        const roomy = {
          limitW: Array.from({ length: INTERVALS }, () => 1_000_000),
          phaseLimitW: 1_000_000,
          intervalSeconds: QUARTER,
          mostStartsAnHour: 1,
        };
        for (const { shortfallWh } of scheduleVehicles(able, { site: roomy, rule }))
          expect(shortfallWh).toBeCloseTo(0, 6);
      }),
    );
  });
});

it("who cannot wait is served before who can; what is short is shared by need", () => {
  const common = { from: 0, mostW: 11_040, leastW: 4_140, phases: [0, 1, 2] as const };
  const of = [
    { ...common, id: "leaves late", until: 8, wantedWh: 5_520 },
    { ...common, id: "leaves soon", until: 2, wantedWh: 5_520 },
  ];
  const at = {
    limitW: Array.from({ length: 8 }, () => 11_040),
    phaseLimitW: 11_040,
    intervalSeconds: QUARTER,
    mostStartsAnHour: 2,
  };
  const byLaxity = scheduleVehicles(of, { site: at, rule: "leastLaxity" });
  expect(byLaxity.map(({ offeredW }) => offeredW.slice(0, 5))).toEqual([
    [0, 0, 11_040, 11_040, 0],
    [11_040, 11_040, 0, 0, 0],
  ]);
  const equal = of.map((each) => ({ ...each, until: 2 }));
  const shared = scheduleVehicles(equal, { site: at, rule: "proportional" });
  expect(shared.map(({ energyWh }) => energyWh)).toEqual([2_760, 2_760]);
});
