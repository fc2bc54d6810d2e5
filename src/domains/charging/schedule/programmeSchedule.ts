import type { LinearSolution, LinearSolver } from "#kernel/optimization/linearSolver.ts";
import { beginCharging, type Charging, charge, mayCharge, scheduleOf } from "./charging.ts";
import { prioritiesOf } from "./compareShortfalls.ts";
import type { SchedulingSite, VehicleSchedule, WaitingVehicle } from "./waitingVehicle.ts";

/** What the solver's floating point may be off. */
const TOLERANCE = 1e-6;
const SECONDS_PER_HOUR = 3_600;
const PHASES = [0, 1, 2] as const;

type Sum = readonly (readonly [factor: number, variable: string])[];

/** One vehicle in one interval of its stay. */
type Slot = { readonly i: number; readonly k: number; readonly each: Charging };

type Programme = {
  readonly slots: readonly Slot[];
  readonly rows: string[];
  readonly bounds: readonly string[];
  readonly binaries: readonly string[];
};

/**
 * The schedule of least shortfall by falling priority, then of least cost, then of fewest starts, each by a linear programme that keeps
 * what those before it came to. Power is rounded down to whole W, and what that leaves is offered again.
 *
 * Up to `wholeUpTo` intervals of stays the least current and the starts are whole numbers of the programme, so that the shortfall is the
 * least that there is. Above that they are brought about afterwards, and it need not be.
 */
export function programmeSchedule(
  vehicles: readonly WaitingVehicle[],
  {
    site,
    solver,
    wholeUpTo,
  }: { readonly site: SchedulingSite; readonly solver: LinearSolver; readonly wholeUpTo: number },
): VehicleSchedule[] {
  const all = vehicles.map((vehicle) => beginCharging(vehicle, site));
  const programme = writeProgramme(all, site, wholeUpTo);
  const solution = programme.slots.length === 0 ? null : solveInTurn(programme, { all, site, solver });
  const plannedW = roundedDown(all, solution);
  offerWhatIsLeft(all, plannedW, site);
  for (const [i, each] of all.entries())
    for (const interval of site.limitW.keys()) {
      const offeredW = plannedW[i]?.[interval] ?? 0;
      charge(each, mayCharge(each, interval, site) ? offeredW : 0);
    }
  return all.map((each) => scheduleOf(each, site));
}

function solveInTurn(
  programme: Programme,
  { all, site, solver }: { all: readonly Charging[]; site: SchedulingSite; solver: LinearSolver },
): LinearSolution | null {
  let solution: LinearSolution | null = null;
  for (const objective of objectivesOf(programme, all, site)) {
    if (objective.length === 0) continue;
    const next = solver(text(programme, objective));
    if (next === null) break;
    solution = next;
    programme.rows.push(
      row(objective, "<=", next.objective + TOLERANCE * Math.max(1, Math.abs(next.objective))),
    );
  }
  return solution;
}

/** What is made least, one after the other. */
function objectivesOf({ slots, binaries }: Programme, all: readonly Charging[], site: SchedulingSite): Sum[] {
  const priorities = prioritiesOf(all.map(({ vehicle }) => vehicle));
  const shortfalls = priorities.map(
    (priority): Sum =>
      all.flatMap(({ vehicle }, i) => ((vehicle.priority ?? 0) === priority ? [[1, `s${i}`] as const] : [])),
  );
  const highest = Math.max(1, ...(site.priceMicroPerKwh ?? []).map(Math.abs));
  const cost: Sum = slots.map(({ i, k }) => [
    (site.priceMicroPerKwh?.[k] ?? highest) / highest,
    `x${i}_${k}`,
  ]);
  const starts: Sum = binaries.filter((name) => name.startsWith("b")).map((name) => [1, name]);
  return [...shortfalls, cost, starts];
}

function writeProgramme(all: readonly Charging[], site: SchedulingSite, wholeUpTo: number): Programme {
  const slots = all.flatMap((each, i) =>
    Array.from({ length: Math.max(0, each.until - each.vehicle.from) }, (_, k) => ({
      i,
      k: k + each.vehicle.from,
      each,
    })),
  );
  const isWhole = slots.length <= wholeUpTo;
  return {
    slots,
    rows: [
      ...all.map(({ wanted }, i) =>
        row([...powerOf(slots, (slot) => slot.i === i), [1, `s${i}`]], ">=", wanted),
      ),
      ...siteRows(slots, site),
      ...(isWhole ? slots.flatMap((slot) => leastCurrentRows(slot)) : []),
      ...(isWhole ? slots.flatMap((slot) => startRows(slot, site)) : []),
    ],
    bounds: [
      ...slots.map(({ i, k, each }) => ` 0 <= x${i}_${k} <= ${each.vehicle.mostW}`),
      ...all.map(({ wanted }, i) => ` 0 <= s${i} <= ${wanted}`),
    ],
    binaries: isWhole ? slots.flatMap(({ i, k }) => [`o${i}_${k}`, `b${i}_${k}`]) : [],
  };
}

function powerOf(slots: readonly Slot[], counts: (slot: Slot) => boolean, factor = (_: Slot) => 1): Sum {
  return slots.filter(counts).map((slot) => [factor(slot), `x${slot.i}_${slot.k}`]);
}

function siteRows(slots: readonly Slot[], site: SchedulingSite): string[] {
  const rows: string[] = [];
  for (const [k, limitW] of site.limitW.entries()) {
    const here = slots.filter((slot) => slot.k === k);
    if (here.length === 0) continue;
    rows.push(
      row(
        powerOf(here, () => true),
        "<=",
        limitW,
      ),
    );
    for (const phase of PHASES) {
      const on = powerOf(
        here,
        ({ each }) => each.vehicle.phases.includes(phase),
        ({ each }) => 1 / each.vehicle.phases.length,
      );
      if (on.length > 0) rows.push(row(on, "<=", site.phaseLimitW));
    }
  }
  return rows;
}

function leastCurrentRows({ i, k, each: { vehicle } }: Slot): string[] {
  return [
    row(
      [
        [1, `x${i}_${k}`],
        [-vehicle.mostW, `o${i}_${k}`],
      ],
      "<=",
      0,
    ),
    row(
      [
        [1, `x${i}_${k}`],
        [-vehicle.leastW, `o${i}_${k}`],
      ],
      ">=",
      0,
    ),
  ];
}

/** b is 1 where it begins to charge; within an hour that is bounded, and what was before the first interval counts. */
function startRows({ i, k, each }: Slot, site: SchedulingSite): string[] {
  const { from, chargedBefore } = each.vehicle;
  const isFirst = k === from;
  const wasOn = k === 0 && chargedBefore?.at(-1) === true;
  const begins: Sum = [
    [1, `o${i}_${k}`],
    [-1, `b${i}_${k}`],
    ...(isFirst ? [] : [[-1, `o${i}_${k - 1}`] as const]),
  ];
  const perHour = SECONDS_PER_HOUR / site.intervalSeconds;
  const within = Array.from({ length: Math.ceil(perHour) }, (_, n) => k - n).filter(
    (n) => n >= from && n > k - perHour,
  );
  const before = each.starts.filter((start) => start > k - perHour).length;
  return [
    row(begins, "<=", wasOn ? 1 : 0),
    row(
      within.map((n) => [1, `b${i}_${n}`]),
      "<=",
      Math.max(0, site.mostStartsAnHour - before),
    ),
  ];
}

function row(sum: Sum, relation: "<=" | ">=", value: number): string {
  return `${terms(sum)} ${relation} ${value}`;
}

function terms(sum: Sum): string {
  return sum.map(([factor, name]) => ` ${factor < 0 ? "-" : "+"} ${Math.abs(factor)} ${name}\n`).join("");
}

function text({ rows, bounds, binaries }: Programme, objective: Sum): string {
  return [
    "Minimize",
    ` obj: ${terms(objective)}`,
    "Subject To",
    ...rows.map((each, i) => ` r${i}: ${each}`),
    "Bounds",
    ...bounds,
    ...(binaries.length > 0 ? ["Binary", ...binaries.map((name) => ` ${name}`)] : []),
    "End",
  ].join("\n");
}

/** Whole W; what is below the least current pauses. */
function roundedDown(all: readonly Charging[], solution: LinearSolution | null): number[][] {
  return all.map(({ vehicle: { from, leastW }, until }, i) =>
    Array.from({ length: Math.max(0, until) }, (_, k) => {
      if (k < from || solution === null) return 0;
      const powerW = Math.floor(solution.valueOf(`x${i}_${k}`) + TOLERANCE);
      return powerW < leastW ? 0 : powerW;
    }),
  );
}

/** Raises what is offered already, where the limits leave room and a vehicle still lacks something. */
function offerWhatIsLeft(
  all: readonly Charging[],
  plannedW: readonly number[][],
  site: SchedulingSite,
): void {
  for (const [i, { wanted, vehicle }] of all.entries()) {
    const planned = plannedW[i] ?? [];
    let lacking = wanted - planned.reduce((sum, powerW) => sum + powerW, 0);
    for (const [k, powerW] of planned.entries()) {
      if (powerW === 0 || lacking <= 0) continue;
      const moreW = Math.min(
        lacking,
        vehicle.mostW - powerW,
        roomAt(k, { all, plannedW, site, phases: vehicle.phases }),
      );
      planned[k] = powerW + Math.max(0, moreW);
      lacking -= Math.max(0, moreW);
    }
  }
}

function roomAt(
  k: number,
  {
    all,
    plannedW,
    site,
    phases,
  }: {
    all: readonly Charging[];
    plannedW: readonly number[][];
    site: SchedulingSite;
    phases: readonly number[];
  },
): number {
  let stationW = site.limitW[k] ?? 0;
  const phaseW = PHASES.map(() => site.phaseLimitW);
  for (const [i, { vehicle }] of all.entries()) {
    const powerW = plannedW[i]?.[k] ?? 0;
    stationW -= powerW;
    for (const phase of vehicle.phases) phaseW[phase] = (phaseW[phase] ?? 0) - powerW / vehicle.phases.length;
  }
  const phaseRoom = Math.min(...phases.map((phase) => phaseW[phase] ?? 0));
  return Math.min(stationW, Math.floor(phaseRoom * phases.length + TOLERANCE));
}
