import type { Domain } from "#domains/domain.ts";
import type { PoolContext } from "#domains/pool/routes/poolContext.ts";
import { addGrid } from "./routes/grid.ts";
import { addGridCsv } from "./routes/gridCsv.ts";

/** What the grid operator asks of an area: its exchange with the grid, peaks, fees, and readings that are missing. */
export const grid: Domain<PoolContext> = {
  name: "grid",
  routes: [addGrid, addGridCsv],
};
