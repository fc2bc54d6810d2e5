import type { StepReport } from "#domains/metering/check/checkOutcome.ts";

/** What a worker says while it checks; `done` or `failed` is its last word. `Fetched` is what it says of what it fetched. */
export type CheckMessage<Report extends StepReport = StepReport, Fetched = never> =
  | { readonly kind: "fetched"; readonly fetched: Fetched }
  | { readonly kind: "changed"; readonly sentence: string }
  | { readonly kind: "report"; readonly report: Report }
  | { readonly kind: "done"; readonly milliseconds: number }
  | { readonly kind: "failed"; readonly sentence: string };

/** How far a check in this browser is. */
export type CheckState<Report extends StepReport = StepReport, Fetched = never> = {
  readonly phase: "idle" | "running" | "done" | "failed";
  readonly reports: readonly Report[];
  /** What was fetched to be checked; null before it is there. */
  readonly fetched: Fetched | null;
  /** Which byte was changed; null when none was. */
  readonly changed: string | null;
  /** Why the check could not be made; null otherwise. */
  readonly failure: string | null;
  readonly milliseconds: number | null;
};

/** A check that has not begun. */
export const IDLE = {
  phase: "idle",
  reports: [],
  fetched: null,
  changed: null,
  failure: null,
  milliseconds: null,
} as const satisfies CheckState;

/** The state after a message. A step reports while it works: its newest word stands. */
export function takeMessage<Report extends StepReport, Fetched>(
  state: CheckState<Report, Fetched>,
  message: CheckMessage<Report, Fetched>,
): CheckState<Report, Fetched> {
  switch (message.kind) {
    case "fetched":
      return { ...state, fetched: message.fetched };
    case "changed":
      return { ...state, changed: message.sentence };
    case "report": {
      const at = state.reports.findIndex(({ key }) => key === message.report.key);
      const reports = at < 0 ? [...state.reports, message.report] : state.reports.with(at, message.report);
      return { ...state, reports };
    }
    case "done":
      return { ...state, phase: "done", milliseconds: message.milliseconds };
    case "failed":
      return { ...state, phase: "failed", failure: message.sentence };
  }
}
