import { useEffect, useRef, useState } from "react";
import type { CheckReport } from "#domains/pool/check/intervalCheck.ts";
import type { CheckMessage, CheckRequest } from "./checkMessages.ts";

/** How far a check in this browser is. */
export type CheckState = {
  readonly phase: "idle" | "running" | "done" | "failed";
  readonly reports: readonly CheckReport[];
  /** What was fetched to be checked; null before it is there. */
  readonly fetched: Omit<Extract<CheckMessage, { kind: "fetched" }>, "kind"> | null;
  /** Which byte was changed; null when none was. */
  readonly changed: string | null;
  /** Why the check could not be made; null otherwise. */
  readonly failure: string | null;
  readonly milliseconds: number | null;
};

const IDLE: CheckState = {
  phase: "idle",
  reports: [],
  fetched: null,
  changed: null,
  failure: null,
  milliseconds: null,
};

/** Runs checks in a worker, one at a time: the page stays usable, and a new check ends the old one. */
export function useCheck(): { state: CheckState; run: (request: CheckRequest) => void } {
  const [state, setState] = useState(IDLE);
  const worker = useRef<Worker | null>(null);
  useEffect(() => () => worker.current?.terminate(), []);
  const run = (request: CheckRequest) => {
    worker.current?.terminate();
    const next = new Worker(new URL("./check.worker.ts", import.meta.url), { type: "module", name: "check" });
    worker.current = next;
    setState({ ...IDLE, phase: "running" });
    next.onmessage = ({ data }: MessageEvent<CheckMessage>) => setState((known) => take(known, data));
    next.onerror = () =>
      setState((known) =>
        take(known, { kind: "failed", sentence: "the check’s script could not be loaded" }),
      );
    next.postMessage(request);
  };
  return { state, run };
}

function take(state: CheckState, message: CheckMessage): CheckState {
  switch (message.kind) {
    case "fetched":
      return { ...state, fetched: message };
    case "changed":
      return { ...state, changed: message.sentence };
    case "report":
      return { ...state, reports: replace(state.reports, message.report) };
    case "done":
      return { ...state, phase: "done", milliseconds: message.milliseconds };
    case "failed":
      return { ...state, phase: "failed", failure: message.sentence };
  }
}

/** A step reports while it works: its newest word stands. */
function replace(reports: readonly CheckReport[], report: CheckReport): CheckReport[] {
  const at = reports.findIndex(({ key }) => key === report.key);
  return at < 0 ? [...reports, report] : reports.with(at, report);
}
