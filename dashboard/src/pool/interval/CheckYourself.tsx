import { type FormEvent, useState } from "react";
import type { ChangeChoice } from "#domains/pool/check/changeOneByte.ts";
import { CHECK_KEYS, checkTitle } from "#domains/pool/check/intervalCheck.ts";
import { Changed, OneByte, Verdict } from "../../app/check/CheckParts.tsx";
import { CheckSteps } from "../../app/check/CheckSteps.tsx";
import { type CheckSource, isIndependent, sourceWords } from "../../app/check/checkSource.ts";
import { SourceChoice, useSource } from "../../app/check/SourceChoice.tsx";
import { useFormats } from "../../app/format/locale.tsx";
import { Hash } from "../../app/parts/Hash.tsx";
import type { CheckRequest, FetchedEvidence } from "../check/checkMessages.ts";
import { useCheck } from "../check/useCheck.ts";
import type { Interval } from "../interval.ts";

/** What a byte is changed in to see the check fail. */
const CHANGES = ["order", "reading", "position", "payment"] as const satisfies readonly ChangeChoice[];

/** Verifies the interval in this browser, with the server's data or with those of a node of the reader's choice. */
export function CheckYourself({ interval: { areaId, intervalId } }: { interval: Interval }) {
  const { state, run } = useCheck();
  const { fields, chosen } = useSource();
  const [ran, setRan] = useState<CheckSource>("server");
  const start = (change: CheckRequest["change"]) => {
    const { source, ...from } = chosen();
    setRan(source);
    run({ areaId, intervalId, ...from, change });
  };
  const check = (event: FormEvent) => {
    event.preventDefault();
    start(null);
  };
  const isRunning = state.phase === "running";
  return (
    <div className="stack check">
      <p>
        This browser recovers every signature, clears the book again with the market’s own code, and adds up
        every payment. With a node that isn’t this server’s, this server need not be believed either.
      </p>
      <form className="stack" onSubmit={check}>
        <SourceChoice {...fields} />
        <div className="row">
          <button type="submit" className="button primary" disabled={isRunning}>
            {isRunning ? "Checking…" : "Check this interval"}
          </button>
        </div>
      </form>
      <OneByte choices={CHANGES} isRunning={isRunning} onChange={start} />
      <Changed sentence={state.changed} />
      <CheckSteps state={state} keys={CHECK_KEYS} titleOf={checkTitle} />
      {state.fetched ? <Fetched fetched={state.fetched} /> : null}
      <Verdict state={state}>
        <p className="small" data-independent={isIndependent(ran)}>
          {sourceWords(ran)}
        </p>
      </Verdict>
    </div>
  );
}

/** What was looked at, so that a reader can tell whether it is the market that is meant. */
function Fetched({ fetched: { bytes, chainId, poolMarket } }: { fetched: FetchedEvidence }) {
  const formats = useFormats();
  return (
    <p className="quiet small">
      {formats.count(Math.round(bytes / 1_000))} kB of evidence, for the market at <Hash value={poolMarket} />{" "}
      on chain {chainId}.
    </p>
  );
}
