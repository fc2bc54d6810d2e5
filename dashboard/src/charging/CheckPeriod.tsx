import { useState } from "react";
import { PERIOD_CHANGES, type PeriodChange } from "#domains/charging/check/changeByteOfPeriod.ts";
import {
  PERIOD_CHECK_KEYS,
  type PeriodCheckReport,
  periodCheckTitle,
} from "#domains/charging/check/periodCheck.ts";
import { useFormats } from "../app/format/locale.tsx";
import { HashedText } from "../app/parts/HashedText.tsx";
import { Notice } from "../app/parts/States.tsx";
import "../pool/interval/CheckYourself.css";
import { type PeriodCheckState, usePeriodCheck } from "./check/usePeriodCheck.ts";

/** Verifies the period in this browser, by the code that the audit runs. */
export function CheckPeriod({ areaId, period }: { areaId: number; period: number }) {
  const { state, run } = usePeriodCheck();
  const [choice, setChoice] = useState<PeriodChange>("order");
  const isRunning = state.phase === "running";
  return (
    <div className="stack check">
      <p>
        This browser divides the margin again, recovers every signature, clears the auction with the market’s
        own code, and works out every payment from the readings. All data come from this server: what it
        claims fits together.
      </p>
      <div className="row">
        <button
          type="button"
          className="button primary"
          disabled={isRunning}
          onClick={() => run({ areaId, period, change: null })}
        >
          {isRunning ? "Checking…" : "Check this period"}
        </button>
      </div>
      <fieldset className="check-change">
        <legend className="small quiet">See it fail</legend>
        <select
          aria-label="What to change a byte in"
          value={choice}
          onChange={({ target }) =>
            setChoice(PERIOD_CHANGES.find((each) => each === target.value) ?? "order")
          }
        >
          {PERIOD_CHANGES.map((each) => (
            <option key={each} value={each}>
              in {each === "order" ? "an" : "a"} {each}
            </option>
          ))}
        </select>
        <button
          type="button"
          className="button"
          disabled={isRunning}
          onClick={() => run({ areaId, period, change: { choice, seed: randomSeed() } })}
        >
          Change one byte, check again
        </button>
      </fieldset>
      {state.changed === null ? null : (
        <Notice tone="watch">
          <p>Changed on purpose, in this browser only: {state.changed}.</p>
        </Notice>
      )}
      <Steps state={state} />
      <Verdict state={state} />
    </div>
  );
}

function Steps({ state }: { state: PeriodCheckState }) {
  if (state.phase === "idle") return null;
  return (
    <ol className="check-steps" aria-label="Steps of the check" aria-busy={state.phase === "running"}>
      {PERIOD_CHECK_KEYS.map((key) => (
        <Step
          key={key}
          title={periodCheckTitle(key)}
          report={state.reports.find((report) => report.key === key) ?? null}
        />
      ))}
    </ol>
  );
}

function Step({ report, title }: { report: PeriodCheckReport | null; title: string }) {
  const formats = useFormats();
  const status = report?.status ?? "waiting";
  return (
    <li className={`check-step check-${status}`} data-step={report?.key} data-status={status}>
      <span className="check-mark" aria-hidden="true">
        {MARKS[status]}
      </span>
      <div>
        <p>
          {title} <span className="visually-hidden">{SPOKEN[status]}</span>
        </p>
        {report?.status === "failed" ? (
          <p className="check-finding">
            <HashedText>{report.finding}</HashedText>
          </p>
        ) : null}
        {report?.status === "notPossible" ? <p className="quiet small">{report.reason}</p> : null}
      </div>
      <span className="quiet small number">{report ? formats.count(report.checked) : ""}</span>
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

function Verdict({ state }: { state: PeriodCheckState }) {
  if (state.phase === "failed")
    return (
      <Notice tone="act">
        <p role="alert">The check could not be made: {state.failure}.</p>
      </Notice>
    );
  if (state.phase !== "done") return null;
  const failed = state.reports.filter(({ status }) => status === "failed").length;
  const open = state.reports.filter(({ status }) => status === "notPossible").length;
  return (
    <Notice tone={failed > 0 ? "act" : "good"}>
      <p role="status" data-verdict={failed > 0 ? "failed" : "passed"}>
        <strong>
          {failed > 0 ? `${failed} of the steps failed.` : "All that could be checked is right."}
        </strong>{" "}
        {((state.milliseconds ?? 0) / 1_000).toFixed(1)} s
        {open > 0 ? `; ${open} steps are not possible yet` : ""}.
      </p>
    </Notice>
  );
}

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
