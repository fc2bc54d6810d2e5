import type { PeriodChange } from "#domains/charging/check/changeByteOfPeriod.ts";
import type { PeriodCheckReport } from "#domains/charging/check/periodCheck.ts";

/** What the page asks of the worker. */
export type PeriodCheckRequest = {
  readonly areaId: number;
  readonly period: number;
  /** One byte to change in what the server sent, to see the check fail; null for none. */
  readonly change: { readonly choice: PeriodChange; readonly seed: number } | null;
};

/** What the worker says while it works; `done` or `failed` is its last word. */
export type PeriodCheckMessage =
  | { readonly kind: "changed"; readonly sentence: string }
  | { readonly kind: "report"; readonly report: PeriodCheckReport }
  | { readonly kind: "done"; readonly milliseconds: number }
  | { readonly kind: "failed"; readonly sentence: string };
