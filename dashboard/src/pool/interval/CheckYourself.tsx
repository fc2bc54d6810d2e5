import { type FormEvent, useState } from "react";
import { useFormats } from "../../app/format/locale.tsx";
import { Hash } from "../../app/parts/Hash.tsx";
import { Notice } from "../../app/parts/States.tsx";
import type { CheckRequest } from "../check/checkMessages.ts";
import { nodeOf } from "../check/nodeOf.ts";
import { type CheckState, useCheck } from "../check/useCheck.ts";
import type { Interval } from "../interval.ts";
import { CheckSteps } from "./CheckSteps.tsx";
import { type CheckSource, isIndependent, sourceHint, sourceWords } from "./checkSource.ts";
import "./CheckYourself.css";

type Source = "server" | "rpc";
type Run = Pick<CheckRequest, "rpcUrl" | "isIndependent"> & { readonly source: CheckSource };

/** What a byte is changed in to see the check fail; each seed changes another one. */
const CHANGES = [
  ["order", "an order"],
  ["reading", "a reading"],
  ["position", "a position"],
  ["payment", "a payment"],
] as const;

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
      <OneByte isRunning={isRunning} onChange={(choice) => start({ choice, seed: randomSeed() })} />
      <Changed sentence={state.changed} />
      <CheckSteps state={state} />
      {state.fetched ? <Fetched fetched={state.fetched} /> : null}
      <Verdict state={state} source={ran} />
    </div>
  );
}

/** A check that must fail, since one byte is changed before it. */
function OneByte({
  isRunning,
  onChange,
}: {
  isRunning: boolean;
  onChange: (choice: (typeof CHANGES)[number][0]) => void;
}) {
  const [choice, setChoice] = useState<(typeof CHANGES)[number][0]>("order");
  return (
    <fieldset className="check-change">
      <legend className="small quiet">See it fail</legend>
      <label className="visually-hidden" htmlFor="check-choice">
        What to change a byte in
      </label>
      <select
        id="check-choice"
        value={choice}
        onChange={({ target }) =>
          setChoice(CHANGES.find(([value]) => value === target.value)?.[0] ?? "order")
        }
      >
        {CHANGES.map(([value, name]) => (
          <option key={value} value={value}>
            in {name}
          </option>
        ))}
      </select>
      <button type="button" className="button" disabled={isRunning} onClick={() => onChange(choice)}>
        Change one byte, check again
      </button>
    </fieldset>
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
        <input type="radio" name="source" checked={source === "server"} onChange={() => onSource("server")} />{" "}
        this server
      </label>
      <label>
        <input type="radio" name="source" checked={source === "rpc"} onChange={() => onSource("rpc")} /> a
        node of the chain; only one that isn’t this server’s makes the check independent
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
function Fetched({
  fetched: { bytes, chainId, poolMarket },
}: {
  fetched: NonNullable<CheckState["fetched"]>;
}) {
  const formats = useFormats();
  return (
    <p className="quiet small">
      {formats.count(Math.round(bytes / 1_000))} kB of evidence, for the market at <Hash value={poolMarket} />{" "}
      on chain {chainId}.
    </p>
  );
}

function Changed({ sentence }: { sentence: string | null }) {
  if (sentence === null) return null;
  return (
    <Notice tone="watch">
      <p>Changed on purpose, in this browser only: {sentence}.</p>
    </Notice>
  );
}

/** The answer of the whole check in one line. */
function Verdict({ state, source }: { state: CheckState; source: CheckSource }) {
  const formats = useFormats();
  if (state.phase === "failed")
    return (
      <Notice tone="act">
        <p role="alert">The check could not be made: {state.failure}.</p>
      </Notice>
    );
  if (state.phase !== "done") return null;
  const failed = state.reports.filter(({ status }) => status === "failed").length;
  const items = state.reports.reduce((sum, { checked }) => sum + checked, 0);
  const took = `${formats.count(items)} items in ${((state.milliseconds ?? 0) / 1_000).toFixed(1)} s`;
  const open = state.reports.filter(({ status }) => status === "notPossible").length;
  return (
    <Notice tone={failed > 0 ? "act" : "good"}>
      <p role="status" data-verdict={failed > 0 ? "failed" : "passed"}>
        <strong>
          {failed > 0 ? `${failed} of the steps failed.` : "All that could be checked is right."}
        </strong>{" "}
        {took}
        {open > 0 ? `; ${open} steps are not possible yet` : ""}.
      </p>
      <p className="small" data-independent={isIndependent(source)}>
        {sourceWords(source)}
      </p>
    </Notice>
  );
}

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
