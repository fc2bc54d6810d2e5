import type { Domain } from "#domains/domain.ts";
import type { PoolContext } from "#domains/pool/routes/poolContext.ts";
import { projectGrid } from "./projection.ts";
import { addGrid } from "./routes/grid.ts";
import { addGridCsv } from "./routes/gridCsv.ts";
import { TABLES } from "./tables.ts";

/** What the grid operator asks of an area: its exchange with the grid, peaks, fees, and readings that are missing. */
export const grid: Domain<PoolContext> = {
  name: "grid",
  tables: TABLES,
  project: projectGrid,
  routes: [addGrid, addGridCsv],
};
