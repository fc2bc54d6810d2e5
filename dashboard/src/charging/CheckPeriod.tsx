import { type FormEvent, useState } from "react";
import { PERIOD_CHANGES } from "#domains/charging/check/changeByteOfPeriod.ts";
import { PERIOD_CHECK_KEYS, periodCheckTitle } from "#domains/charging/check/periodCheck.ts";
import { Changed, OneByte, Verdict } from "../app/check/CheckParts.tsx";
import { CheckSteps } from "../app/check/CheckSteps.tsx";
import { type CheckSource, isIndependent, sourceWords } from "../app/check/checkSource.ts";
import { SourceChoice, useSource } from "../app/check/SourceChoice.tsx";
import type { PeriodCheckRequest } from "./check/periodMessages.ts";
import { usePeriodCheck } from "./check/usePeriodCheck.ts";

/** Verifies the period in this browser, with the server's data or with those of a node of the reader's choice. */
export function CheckPeriod({ areaId, period }: { areaId: number; period: number }) {
  const { state, run } = usePeriodCheck();
  const { fields, chosen } = useSource();
  const [ran, setRan] = useState<CheckSource>("server");
  const isRunning = state.phase === "running";
  const start = (change: PeriodCheckRequest["change"]) => {
    const { source, ...from } = chosen();
    setRan(source);
    run({ areaId, period, ...from, change });
  };
  const check = (event: FormEvent) => {
    event.preventDefault();
    start(null);
  };
  return (
    <div className="stack check">
      <p>
        This browser divides the margin again, recovers every signature, clears the auction with the market’s
        own code, and works out every payment from the readings. With a node that isn’t this server’s, this
        server need not be believed either.
      </p>
      <form className="stack" onSubmit={check}>
        <SourceChoice {...fields} />
        <div className="row">
          <button type="submit" className="button primary" disabled={isRunning}>
            {isRunning ? "Checking…" : "Check this period"}
          </button>
        </div>
      </form>
      <OneByte choices={PERIOD_CHANGES} isRunning={isRunning} onChange={start} />
      <Changed sentence={state.changed} />
      <CheckSteps state={state} keys={PERIOD_CHECK_KEYS} titleOf={periodCheckTitle} />
      <Verdict state={state}>
        <p className="small" data-independent={isIndependent(ran)}>
          {sourceWords(ran)}
        </p>
      </Verdict>
    </div>
  );
}
