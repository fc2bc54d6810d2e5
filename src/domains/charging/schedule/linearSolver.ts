import highsModule from "highs";

/** What a linear programme in CPLEX's LP format comes to; null when there is no solution within the bounds on the search. */
export type LinearSolver = (programme: string) => LinearSolution | null;

export type LinearSolution = { readonly objective: number; readonly valueOf: (variable: string) => number };

/** What is used of HiGHS. */
type Highs = {
  solve(
    programme: string,
    options: Readonly<Record<string, unknown>>,
  ): {
    readonly Status: string;
    readonly ObjectiveValue: number;
    readonly Columns: Readonly<Record<string, { readonly Primal: number }>>;
  };
};

/**
 * The package declares its module as CommonJS, while Node loads its ES module, whose default export is the loader; a bundler's types say
 * it another way than Node's.
 */
const loadHighs = highsModule as unknown as () => Promise<Highs>;

/** Nodes of a search among whole numbers: a bound that is the same on every machine, other than a time. */
const MAX_NODES = 500;

let loaded: Promise<LinearSolver> | undefined;

/** HiGHS, loaded once; it blocks while it solves. */
export function loadLinearSolver(): Promise<LinearSolver> {
  loaded ??= loadHighs().then((highs) => (programme) => {
    const options = { mip_rel_gap: 0, mip_max_nodes: MAX_NODES, output_flag: false };
    const { Status, ObjectiveValue, Columns } = highs.solve(programme, options);
    if (Status !== "Optimal") return null;
    const values = new Map(Object.entries(Columns).map(([name, column]) => [name, column.Primal]));
    return { objective: ObjectiveValue, valueOf: (variable) => values.get(variable) ?? 0 };
  });
  return loaded;
}
