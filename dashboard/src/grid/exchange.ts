import type { z } from "zod";
import type { gridSeriesWire, gridWire } from "#domains/grid/wire.ts";
import type { Answer } from "../app/api/answer.ts";
import { useGet } from "../app/api/useGet.ts";

export type GridExchange = z.infer<typeof gridWire>;
export type GridSeries = z.infer<typeof gridSeriesWire>;

/** A time of an area, unix seconds, half-open. */
export type Bounds = { readonly areaId: number; readonly from: number; readonly to: number };

/** What the area exchanged in all; `limitW` is the limit that the reader assumes, null for the connections. */
export function useExchange(bounds: Bounds, limitW: bigint | null): Answer<GridExchange> {
  const limit = limitW === null ? "" : `&limitW=${limitW}`;
  return useGet<GridExchange>(`/v1/areas/${bounds.areaId}/grid?${spanOf(bounds)}${limit}`, {
    question: `grid ${bounds.areaId} ${spanOf(bounds)}`,
  });
}

/** Interval by interval. */
export function useGridSeries(bounds: Bounds): Answer<GridSeries> {
  return useGet<GridSeries>(`/v1/areas/${bounds.areaId}/grid/series?${spanOf(bounds)}`);
}

/** The same as a file. */
export function csvPath(bounds: Bounds): string {
  return `/v1/areas/${bounds.areaId}/grid.csv?${spanOf(bounds)}`;
}

function spanOf({ from, to }: Bounds): string {
  return `from=${from}&to=${to}`;
}
