import type { OpenInterval } from "./openIntervals.ts";

/** The intervals to choose from, and the one that the order is for now. */
export type OrderPlace = {
  readonly open: readonly OpenInterval[];
  readonly soonest: OpenInterval;
  readonly chosen: OpenInterval | null;
  readonly interval: OpenInterval;
  readonly speed: number;
};
