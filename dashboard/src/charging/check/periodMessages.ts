import type { PeriodChange } from "#domains/charging/check/changeByteOfPeriod.ts";
import type { OneByteChange } from "../../app/check/CheckParts.tsx";

/** What the page asks of the worker. */
export type PeriodCheckRequest = {
  readonly areaId: number;
  readonly period: number;
  /** One byte to change in what the server sent, to see the check fail; null for none. */
  readonly change: OneByteChange<PeriodChange> | null;
};
