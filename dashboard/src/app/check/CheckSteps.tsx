import type { StepReport } from "#domains/metering/check/checkOutcome.ts";
import { useFormats } from "../format/locale.tsx";
import { HashedText } from "../parts/HashedText.tsx";
import type { CheckState } from "./checkRun.ts";
import "./Check.css";

/** The steps of a check, each with what it verifies, how many items, and what came of it; those that have no place in the list first. */
export function CheckSteps<Key extends string>({
  state,
  keys,
  titleOf,
}: {
  state: Pick<CheckState, "phase" | "reports">;
  keys: readonly Key[];
  titleOf: (key: Key) => string;
}) {
  if (state.phase === "idle") return null;
  const extra = state.reports.filter((report) => !(keys as readonly string[]).includes(report.key));
  return (
    <ol className="check-steps" aria-label="Steps of the check" aria-busy={state.phase === "running"}>
      {extra.map((report) => (
        <Step key={report.key} report={report} title={report.title} />
      ))}
      {keys.map((key) => (
        <Step key={key} report={state.reports.find((one) => one.key === key) ?? null} title={titleOf(key)} />
      ))}
    </ol>
  );
}

function Step({ report, title }: { report: StepReport | null; title: string }) {
  const formats = useFormats();
  const status = report?.status ?? "waiting";
  return (
    <li className={`check-step check-${status}`} data-step={report?.key} data-status={status}>
      <span className="check-mark" aria-hidden="true">
        {MARKS[status]}
      </span>
      <div>
        <p>
          {report?.title ?? title} <span className="visually-hidden">{SPOKEN[status]}</span>
        </p>
        {report?.status === "failed" ? (
          <p className="check-finding">
            <HashedText>{report.finding}</HashedText>
          </p>
        ) : null}
        {report?.status === "notPossible" ? <p className="quiet small">{report.reason}</p> : null}
      </div>
      <span className="quiet small number">
        {report?.status === "running"
          ? `${formats.count(report.checked)} of ${formats.count(report.of)}`
          : report
            ? formats.count(report.checked)
            : ""}
      </span>
    </li>
  );
}

const MARKS = { waiting: "·", running: "…", passed: "✓", failed: "✗", notPossible: "–" } as const;
const SPOKEN = {
  waiting: "not yet",
  running: "under way",
  passed: "passed",
  failed: "failed",
  notPossible: "not possible yet",
} as const;
