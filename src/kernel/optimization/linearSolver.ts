import highsModule from "highs";

/** What a linear programme in CPLEX's LP format comes to; null when there is no solution within the bounds on the search. */
export type LinearSolver = (programme: string) => LinearSolution | null;

/** @property dualOf by how much the objective moves with a unit more on the right of a row; 0 of programmes with whole numbers */
export type LinearSolution = {
  readonly objective: number;
  readonly valueOf: (variable: string) => number;
  readonly dualOf: (row: string) => number;
};

/** The package declares its module as CommonJS in one place and as an ES module in another; its default export is the loader. */
type Load = typeof highsModule extends { readonly default: infer Loader } ? Loader : typeof highsModule;
const loadHighs = highsModule as unknown as Load;

/** Nodes of a search among whole numbers: a bound that is the same on every machine, other than a time. */
const MAX_NODES = 500;

let loaded: Promise<LinearSolver> | undefined;

/** HiGHS, loaded once; it blocks while it solves. */
export function loadLinearSolver(): Promise<LinearSolver> {
  loaded ??= loadHighs().then((highs) => (programme) => {
    const { Status, ObjectiveValue, Columns, Rows } = solve(highs, programme);
    if (Status !== "Optimal") return null;
    const values = new Map(Object.entries(Columns).map(([name, column]) => [name, column.Primal]));
    const duals = () =>
      new Map(Rows.flatMap((row) => ("Dual" in row ? [[row.Name, row.Dual] as const] : [])));
    let dualByRow: ReadonlyMap<string, number> | undefined;
    return {
      objective: ObjectiveValue,
      valueOf: (variable) => values.get(variable) ?? 0,
      dualOf(row) {
        dualByRow ??= duals();
        return dualByRow.get(row) ?? 0;
      },
    };
  });
  return loaded;
}

/** Seldom the solver gives up on a programme that it simplified first; it solves the same one as it stands. */
function solve(highs: Awaited<ReturnType<Load>>, programme: string) {
  const options = { mip_rel_gap: 0, mip_max_nodes: MAX_NODES, output_flag: false };
  try {
    return highs.solve(programme, options);
  } catch {
    return highs.solve(programme, { ...options, presolve: "off" });
  }
}
