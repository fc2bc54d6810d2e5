import { useEffect, useRef, useState } from "react";
import type { PeriodCheckReport } from "#domains/charging/check/periodCheck.ts";
import type { PeriodCheckMessage, PeriodCheckRequest } from "./periodMessages.ts";

/** How far a check of a period in this browser is. */
export type PeriodCheckState = {
  readonly phase: "idle" | "running" | "done" | "failed";
  readonly reports: readonly PeriodCheckReport[];
  /** Which byte was changed; null when none was. */
  readonly changed: string | null;
  /** Why the check could not be made; null otherwise. */
  readonly failure: string | null;
  readonly milliseconds: number | null;
};

const IDLE: PeriodCheckState = {
  phase: "idle",
  reports: [],
  changed: null,
  failure: null,
  milliseconds: null,
};

/** Runs checks in a worker, one at a time: a new check ends the old one. */
export function usePeriodCheck(): {
  state: PeriodCheckState;
  run: (request: PeriodCheckRequest) => void;
} {
  const [state, setState] = useState(IDLE);
  const worker = useRef<Worker | null>(null);
  useEffect(() => () => worker.current?.terminate(), []);
  const run = (request: PeriodCheckRequest) => {
    worker.current?.terminate();
    const next = new Worker(new URL("./period.check.worker.ts", import.meta.url), {
      type: "module",
      name: "check",
    });
    worker.current = next;
    setState({ ...IDLE, phase: "running" });
    next.onmessage = ({ data }: MessageEvent<PeriodCheckMessage>) => setState((known) => take(known, data));
    next.onerror = () =>
      setState((known) =>
        take(known, { kind: "failed", sentence: "the check’s script could not be loaded" }),
      );
    next.postMessage(request);
  };
  return { state, run };
}

function take(state: PeriodCheckState, message: PeriodCheckMessage): PeriodCheckState {
  switch (message.kind) {
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
