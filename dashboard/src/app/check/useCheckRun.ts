import { useEffect, useRef, useState } from "react";
import type { StepReport } from "#domains/metering/check/checkOutcome.ts";
import { type CheckMessage, type CheckState, IDLE, takeMessage } from "./checkRun.ts";

/** Runs checks in a worker, one at a time: the page stays usable, and a new check ends the old one. */
export function useCheckRun<Request, Report extends StepReport, Fetched = never>(
  openWorker: () => Worker,
): { state: CheckState<Report, Fetched>; run: (request: Request) => void } {
  const [state, setState] = useState<CheckState<Report, Fetched>>(IDLE);
  const worker = useRef<Worker | null>(null);
  useEffect(() => () => worker.current?.terminate(), []);
  const run = (request: Request) => {
    worker.current?.terminate();
    const next = openWorker();
    worker.current = next;
    setState({ ...IDLE, phase: "running" });
    next.onmessage = ({ data }: MessageEvent<CheckMessage<Report, Fetched>>) =>
      setState((known) => takeMessage(known, data));
    next.onerror = () =>
      setState((known) =>
        takeMessage(known, { kind: "failed", sentence: "the check’s script could not be loaded" }),
      );
    next.postMessage(request);
  };
  return { state, run };
}
