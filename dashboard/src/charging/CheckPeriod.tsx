import { PERIOD_CHANGES } from "#domains/charging/check/changeByteOfPeriod.ts";
import { PERIOD_CHECK_KEYS, periodCheckTitle } from "#domains/charging/check/periodCheck.ts";
import { Changed, OneByte, Verdict } from "../app/check/CheckParts.tsx";
import { CheckSteps } from "../app/check/CheckSteps.tsx";
import { usePeriodCheck } from "./check/usePeriodCheck.ts";

/** Verifies the period in this browser, by the code that the audit runs. */
export function CheckPeriod({ areaId, period }: { areaId: number; period: number }) {
  const { state, run } = usePeriodCheck();
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
      <OneByte
        choices={PERIOD_CHANGES}
        isRunning={isRunning}
        onChange={(change) => run({ areaId, period, change })}
      />
      <Changed sentence={state.changed} />
      <CheckSteps state={state} keys={PERIOD_CHECK_KEYS} titleOf={periodCheckTitle} />
      <Verdict state={state} />
    </div>
  );
}
