import type { Domain } from "#domains/domain.ts";
import { addGrid } from "./routes/grid.ts";
import { addGridCsv } from "./routes/gridCsv.ts";
import { addGridSeries } from "./routes/gridSeries.ts";

/** What the grid operator asks of an area: its exchange with the grid, peaks, fees, and readings that are missing. */
export const grid: Domain = {
  name: "grid",
  routes: [addGrid, addGridSeries, addGridCsv],
};
