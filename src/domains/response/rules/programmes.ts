import type { LinearSolution, LinearSolver } from "#kernel/optimization/linearSolver.ts";

/** What the solver's floating point may be off, of an objective's size. */
const TOLERANCE = 1e-7;

/** What a prosumer brings into a programme: ρ, d, d^new in Wh. */
export type ProgrammeProsumer = {
  readonly demandWh: number;
  readonly capacityWh: number;
  readonly newDemandWh: number;
};

/** Prices of a programme, money per Wh of whatever unit the objective is to have. */
export type ProgrammePrices = {
  readonly price: number;
  readonly drPrice: number;
  readonly upstreamPrice: number;
};

/**
 * The printed programme (5)–(8), solved as it stands (R7.17, E7.6).
 *
 * @property isFeasible false when an offered d^DR is negative, so that (7) has no solution (E7.7)
 * @property objective of (5); null when infeasible
 * @property demandWh least and most Σ d^new′ among the optima
 * @property capacityWh least and most Σ ρ′ among the optima
 * @property isDegenerate whether the optima differ in what they serve or generate
 */
export type LiteralOutcome = {
  readonly isFeasible: boolean;
  readonly objective: number | null;
  readonly demandWh: readonly [least: number, most: number];
  readonly capacityWh: readonly [least: number, most: number];
  readonly isDegenerate: boolean;
};

/** Solves (5)–(8) and looks along its optima for the least and the most that they serve and generate. */
export function solveLiteral(
  prosumers: readonly ProgrammeProsumer[],
  { price, drPrice }: Pick<ProgrammePrices, "price" | "drPrice">,
  solver: LinearSolver,
): LiteralOutcome {
  const bounds = prosumers.flatMap(({ demandWh, capacityWh, newDemandWh }, i) => [
    ` 0 <= g${i} <= ${capacityWh}`,
    ` 0 <= r${i} <= ${demandWh - newDemandWh}`,
    ` 0 <= n${i} <= ${newDemandWh}`,
  ]);
  const isFeasible = prosumers.every(({ demandWh, newDemandWh }) => newDemandWh <= demandWh);
  const objective = prosumers.flatMap(
    (_, i): Sum => [
      [price, `g${i}`],
      [drPrice, `r${i}`],
      [-price, `n${i}`],
    ],
  );
  const best = isFeasible ? maximise({ objective, rows: [], bounds }, solver) : null;
  if (best === null)
    return { isFeasible: false, objective: null, demandWh: [0, 0], capacityWh: [0, 0], isDegenerate: false };
  const slack = TOLERANCE * Math.max(1, Math.abs(best.objective));
  const rows = isNothing(objective) ? [] : [row(objective, ">=", best.objective - slack)];
  const range = (letter: string): readonly [number, number] => {
    const sum = prosumers.map((_, i) => [1, `${letter}${i}`] as const);
    const most = maximise({ objective: sum, rows, bounds }, solver)?.objective ?? 0;
    const least = maximise({ objective: sum.map(([, name]) => [-1, name] as const), rows, bounds }, solver);
    return [0 - (least?.objective ?? 0), most];
  };
  const [demandWh, capacityWh] = [range("n"), range("g")];
  const isApart = ([least, most]: readonly [number, number]) =>
    most - least > widthOf(prosumers) * Math.sqrt(TOLERANCE);
  return {
    isFeasible: true,
    objective: best.objective,
    demandWh,
    capacityWh,
    isDegenerate: isApart(demandWh) || isApart(capacityWh),
  };
}

/**
 * Optimum of the reading that is settled by (E7.6): the bounds and prices of (5)–(8), all demand that no DR takes away is served, import at
 * upstream's price closes the balance, and DR is bounded by the deficit of the first stage. The closed form must come to
 * this value.
 */
export function solveServed(
  prosumers: readonly ProgrammeProsumer[],
  { price, drPrice, upstreamPrice }: ProgrammePrices,
  solver: LinearSolver,
): number | null {
  const demand = prosumers.reduce((sum, { demandWh }) => sum + demandWh, 0);
  const capacity = prosumers.reduce((sum, { capacityWh }) => sum + capacityWh, 0);
  const named = (letter: string, factor: number): Sum =>
    prosumers.map((_, i) => [factor, `${letter}${i}`] as const);
  const programme = {
    objective: [
      ...named("g", price),
      ...named("r", drPrice + price),
      [-(upstreamPrice - price), "m"] as const,
    ],
    rows: [
      row([...named("g", 1), ...named("r", 1), [1, "m"]], "=", demand),
      row(named("r", 1), "<=", Math.max(0, demand - capacity)),
    ],
    bounds: [
      ...prosumers.flatMap(({ demandWh, capacityWh, newDemandWh }, i) => [
        ` 0 <= g${i} <= ${capacityWh}`,
        ` 0 <= r${i} <= ${Math.max(0, demandWh - newDemandWh)}`,
      ]),
      " m >= 0",
    ],
  };
  const solution = maximise(programme, solver);
  return solution === null ? null : solution.objective - price * demand;
}

type Sum = readonly (readonly [factor: number, variable: string])[];

type Programme = {
  readonly objective: Sum;
  readonly rows: readonly string[];
  readonly bounds: readonly string[];
};

function maximise({ objective, rows, bounds }: Programme, solver: LinearSolver): LinearSolution | null {
  return solver(
    [
      "Maximize",
      ` obj:${terms(objective)}`,
      "Subject To",
      ...(rows.length > 0
        ? rows.map((each, i) => ` c${i}:${each}`)
        : [` c0:${terms(objective.map(([, name]) => [1, name]))} >= 0`]),
      "Bounds",
      ...bounds,
      "End",
    ].join("\n"),
  );
}

function row(sum: Sum, relation: "<=" | ">=" | "=", value: number): string {
  return `${terms(sum)} ${relation} ${value}`;
}

function terms(sum: Sum): string {
  return sum.map(([factor, name]) => ` ${factor < 0 ? "-" : "+"} ${Math.abs(factor)} ${name}`).join("\n");
}

function isNothing(sum: Sum): boolean {
  return sum.every(([factor]) => factor === 0);
}

function widthOf(prosumers: readonly ProgrammeProsumer[]): number {
  return prosumers.reduce((sum, { demandWh, capacityWh }) => sum + demandWh + capacityWh, 1);
}
