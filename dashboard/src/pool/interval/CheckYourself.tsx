import { type FormEvent, useState } from "react";
import type { ChangeChoice } from "#domains/pool/check/changeOneByte.ts";
import { CHECK_KEYS, checkTitle } from "#domains/pool/check/intervalCheck.ts";
import { Changed, OneByte, Verdict } from "../../app/check/CheckParts.tsx";
import { CheckSteps } from "../../app/check/CheckSteps.tsx";
import { useFormats } from "../../app/format/locale.tsx";
import { Hash } from "../../app/parts/Hash.tsx";
import type { CheckRequest, FetchedEvidence } from "../check/checkMessages.ts";
import { nodeOf } from "../check/nodeOf.ts";
import { useCheck } from "../check/useCheck.ts";
import type { Interval } from "../interval.ts";
import { type CheckSource, isIndependent, sourceHint, sourceWords } from "./checkSource.ts";

type Source = "server" | "rpc";
type Run = Pick<CheckRequest, "rpcUrl" | "isIndependent"> & { readonly source: CheckSource };

/** What a byte is changed in to see the check fail. */
const CHANGES = ["order", "reading", "position", "payment"] as const satisfies readonly ChangeChoice[];

/** Verifies the interval in this browser, with the server's data or with those of a node of the reader's choice. */
export function CheckYourself({ interval: { areaId, intervalId } }: { interval: Interval }) {
  const { state, run } = useCheck();
  const [source, setSource] = useState<Source>("server");
  const [rpcUrl, setRpcUrl] = useState(`${location.origin}/rpc`);
  const [ran, setRan] = useState<CheckSource>("server");
  const start = (change: CheckRequest["change"]) => {
    const { source: from, ...chosen } = runOf(source, rpcUrl);
    setRan(from);
    run({ areaId, intervalId, ...chosen, change });
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
        <SourceChoice source={source} onSource={setSource} rpcUrl={rpcUrl} onRpcUrl={setRpcUrl} />
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

/** An address that is none goes to the check as it is, which says so. */
function runOf(source: Source, rpcUrl: string): Run {
  if (source === "server") return { rpcUrl: null, isIndependent: false, source };
  const node = nodeOf(rpcUrl, location.origin) ?? "elsewhere";
  return { rpcUrl, isIndependent: isIndependent(node), source: node };
}

function SourceChoice({
  source,
  onSource,
  rpcUrl,
  onRpcUrl,
}: {
  source: Source;
  onSource: (source: Source) => void;
  rpcUrl: string;
  onRpcUrl: (rpcUrl: string) => void;
}) {
  return (
    <fieldset className="check-source">
      <legend className="small quiet">Data from</legend>
      <label>
        <input type="radio" name="source" checked={source === "server"} onChange={() => onSource("server")} />
        <span>this server</span>
      </label>
      <label>
        <input type="radio" name="source" checked={source === "rpc"} onChange={() => onSource("rpc")} />
        <span>a node of the chain; only one that isn’t this server’s makes the check independent</span>
      </label>
      {source === "rpc" ? (
        <>
          <label className="field">
            <span>Address of the node (JSON-RPC)</span>
            <input type="url" required value={rpcUrl} onChange={({ target }) => onRpcUrl(target.value)} />
          </label>
          <NodeHint rpcUrl={rpcUrl} />
        </>
      ) : null}
    </fieldset>
  );
}

function NodeHint({ rpcUrl }: { rpcUrl: string }) {
  const node = nodeOf(rpcUrl, location.origin);
  const hint = sourceHint(node);
  return hint === null ? null : (
    <p className="small" role="note" data-node={node}>
      {hint}
    </p>
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
