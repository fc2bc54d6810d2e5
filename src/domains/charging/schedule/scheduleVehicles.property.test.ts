import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadLinearSolver } from "#kernel/optimization/linearSolver.ts";
import { compareShortfalls } from "./compareShortfalls.ts";
import { keepsAll } from "./keepsAll.fixture.ts";
import { type ScheduleBy, scheduleAsTheyCome, scheduleVehicles } from "./scheduleVehicles.ts";
import type { SchedulingSite, WaitingVehicle } from "./waitingVehicle.ts";

const solver = await loadLinearSolver();
const RULES: readonly ScheduleBy[] = [
  { rule: "leastLaxity" },
  { rule: "proportional" },
  { rule: "linearProgram", solver },
];
/** Each run of the programme takes some milliseconds. */
const RUNS = { leastLaxity: 40, proportional: 30, linearProgram: 4 };

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

describe.each(RULES)("a schedule by $rule", (by) => {
  const numRuns = RUNS[by.rule];

  it("keeps each limit of vehicle, phase and station, and offers the least current or nothing", () => {
    fc.assert(
      fc.property(vehicles, site, (of, at) => {
        const schedules = scheduleVehicles(of, { site: at, ...by });
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
      { numRuns },
    );
  });

  it("begins no oftener in an hour than is allowed, and gives no more than was wanted", () => {
    fc.assert(
      fc.property(vehicles, site, (of, at) => {
        for (const [i, each] of scheduleVehicles(of, { site: at, ...by }).entries()) {
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
      { numRuns },
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
        for (const { shortfallWh } of scheduleVehicles(able, { site: roomy, ...by }))
          expect(shortfallWh).toBeCloseTo(0, 6);
      }),
      { numRuns },
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

const SMALL = 4;
const small = (constraints: {
  leastW: readonly number[];
  phases: readonly (readonly (0 | 1 | 2)[])[];
  starts: readonly number[];
}) =>
  fc.record({
    of: fc
      .array(
        fc.record({
          from: fc.nat(SMALL - 1),
          stay: fc.integer({ min: 1, max: SMALL }),
          quarters: fc.integer({ min: 1, max: 5 }),
          leastW: fc.constantFrom(...constraints.leastW),
          moreW: fc.nat(2),
          phases: fc.constantFrom(...constraints.phases),
        }),
        { minLength: 1, maxLength: 3 },
      )
      .map((list) =>
        list.map(
          ({ from, stay, quarters, leastW, moreW, phases }, i): WaitingVehicle => ({
            id: `vehicle-${i}`,
            from,
            until: Math.min(SMALL, from + stay),
            wantedWh: quarters / 4,
            leastW,
            mostW: leastW + moreW,
            phases,
          }),
        ),
      ),
    site: fc.record({
      limitW: fc.array(fc.nat(5), { minLength: SMALL, maxLength: SMALL }),
      phaseLimitW: fc.integer({ min: 1, max: 4 }),
      intervalSeconds: fc.constant(QUARTER),
      mostStartsAnHour: fc.constantFrom(...constraints.starts),
    }),
  });

const FLOWS = small({ leastW: [1], phases: [[0], [1], [2]], starts: [4] });
const SAME_PHASES = small({ leastW: [1], phases: [[0, 1, 2]], starts: [4] });
const ALL_LIMITS = small({ leastW: [1, 2, 3], phases: [[0], [1], [0, 1], [0, 1, 2]], starts: [1, 4] });
const isKept = (of: readonly WaitingVehicle[], site: SchedulingSite, by: ScheduleBy) =>
  scheduleVehicles(of, { site, ...by }).every(({ shortfallWh }) => shortfallWh === 0);

describe("all promises are kept when some schedule keeps them", () => {
  it.each(RULES)(
    "by $rule, where neither a least current nor starts bind and phases do not overlap",
    (by) => {
      fc.assert(
        fc.property(
          fc.oneof(FLOWS, SAME_PHASES),
          ({ of, site }) => isKept(of, site, by) === keepsAll(of, site),
        ),
        { numRuns: 3 * RUNS[by.rule] },
      );
    },
  );

  it("by linear programme with every limit; by the rules nearly always", () => {
    const kept = { possible: 0, leastLaxity: 0, proportional: 0 };
    fc.assert(
      fc.property(ALL_LIMITS, ({ of, site }) => {
        const isPossible = keepsAll(of, site);
        expect(isKept(of, site, { rule: "linearProgram", solver })).toBe(isPossible);
        if (!isPossible) return;
        kept.possible += 1;
        for (const rule of ["leastLaxity", "proportional"] as const)
          if (isKept(of, site, { rule })) kept[rule] += 1;
      }),
      { numRuns: 120 },
    );
    expect(kept.possible).toBeGreaterThan(10);
    expect(Math.min(kept.leastLaxity, kept.proportional)).toBeGreaterThan(0.95 * kept.possible);
  });
});

it("no rule falls less short than the linear programme, by priority", () => {
  const withPriorities = fc.tuple(vehicles, fc.array(fc.nat(2), { minLength: 10, maxLength: 10 }));
  fc.assert(
    fc.property(withPriorities, site, ([list, priorities], at) => {
      const of = list.map((each, i) => ({ ...each, priority: priorities[i]! }));
      const programme = scheduleVehicles(of, { site: at, rule: "linearProgram", solver });
      for (const rule of ["leastLaxity", "proportional"] as const) {
        const schedules = scheduleVehicles(of, { site: at, rule });
        expect(compareShortfalls(programme, schedules, of)).toBeLessThanOrEqual(0);
      }
    }),
    { numRuns: 6 },
  );
});

const QUARTERS = 8;
const ROOM = { phaseLimitW: 11_040, intervalSeconds: QUARTER, mostStartsAnHour: 2 };
const THREE_PHASES = { from: 0, mostW: 11_040, leastW: 4_140, phases: [0, 1, 2] as const };

it("a plan of the whole stay keeps what one interval after the other breaks", () => {
  const narrow = { ...ROOM, limitW: [6_000, 6_000, 12_000, 12_000] };
  const of = [
    { ...THREE_PHASES, id: "slow", until: 4, mostW: 4_140, wantedWh: 4_140 },
    { ...THREE_PHASES, id: "fast", until: 4, from: 2, wantedWh: 3_900 },
  ];
  for (const by of RULES)
    expect(scheduleVehicles(of, { site: narrow, ...by }).map(({ shortfallWh }) => shortfallWh)).toEqual([
      0, 0,
    ]);
});

it("a shortfall falls on the lower priority; of one priority all lack the same part", () => {
  const site = { ...ROOM, limitW: [11_040, 11_040] };
  const of = [
    { ...THREE_PHASES, leastW: 1_380, id: "first", until: 2, wantedWh: 4_000 },
    { ...THREE_PHASES, leastW: 1_380, id: "second", until: 2, wantedWh: 2_000 },
  ];
  const short = (priorities: readonly number[], by: ScheduleBy) =>
    scheduleVehicles(
      of.map((each, i) => ({ ...each, priority: priorities[i]! })),
      { site, ...by },
    ).map(({ shortfallWh }) => Math.round(shortfallWh));
  for (const by of RULES) {
    expect(short([1, 0], by)).toEqual([0, 480]);
    expect(short([0, 1], by)).toEqual([480, 0]);
  }
  const [first, second] = short([0, 0], { rule: "proportional" });
  expect(Math.abs(first! - 2 * second!)).toBeLessThan(5);
});

it("the linear programme charges when it is cheap, and begins once", () => {
  const limitW = Array.from({ length: QUARTERS }, () => 11_040);
  const priceMicroPerKwh = [9, 9, 1, 1, 9, 1, 1, 9].map((price) => price * 100_000);
  const site = { ...ROOM, limitW, priceMicroPerKwh };
  const of = [{ ...THREE_PHASES, id: "patient", until: QUARTERS, wantedWh: 5_520 }];
  const [schedule] = scheduleVehicles(of, { site, rule: "linearProgram", solver });
  const on = schedule!.offeredW.map((powerW) => (powerW > 0 ? 1 : 0)).join("");
  expect(["00110000", "00000110"]).toContain(on);
  expect(schedule!.shortfallWh).toBe(0);
});

it("who comes unannounced is planned for from then on, within every limit", () => {
  fc.assert(
    fc.property(vehicles, site, (of, at) => {
      const schedules = scheduleAsTheyCome(of, { site: at, rule: "leastLaxity" });
      for (const [interval, limitW] of at.limitW.entries()) {
        const stationW = schedules.reduce((sum, { offeredW }) => sum + offeredW[interval]!, 0);
        expect(stationW).toBeLessThanOrEqual(limitW);
      }
      for (const [i, { offeredW }] of schedules.entries()) {
        const starts = offeredW.flatMap((powerW, k) => (powerW > 0 && !(offeredW[k - 1]! > 0) ? [k] : []));
        for (const start of starts)
          expect(starts.filter((other) => other <= start && other > start - 4).length).toBeLessThanOrEqual(
            at.mostStartsAnHour,
          );
        expect(offeredW.every((powerW, k) => powerW === 0 || (k >= of[i]!.from && k < of[i]!.until))).toBe(
          true,
        );
      }
    }),
    { numRuns: 8 },
  );
});

it("all who are there from the start are served as if they were known", () => {
  const of = [4_000, 3_000, 6_000].map((wantedWh, i) => ({
    ...THREE_PHASES,
    id: `${i}`,
    until: 6 + i,
    wantedWh,
  }));
  const site = { ...ROOM, limitW: Array.from({ length: QUARTERS }, () => 8_000) };
  for (const rule of ["leastLaxity", "proportional"] as const)
    expect(scheduleAsTheyCome(of, { site, rule })).toEqual(scheduleVehicles(of, { site, rule }));
});
