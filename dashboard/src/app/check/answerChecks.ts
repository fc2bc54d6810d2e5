import type { StepReport } from "#domains/metering/check/checkOutcome.ts";
import type { CheckMessage } from "./checkRun.ts";

/**
 * Has a worker answer each request by a check, which says what it finds meanwhile; the worker says by itself when it is done,
 * or why it could not be made.
 */
export function answerChecks<Request, Report extends StepReport, Fetched = never>(
  check: (request: Request, say: (message: CheckMessage<Report, Fetched>) => void) => Promise<void>,
): void {
  /** What a worker's global is to this script. */
  const worker = globalThis as unknown as {
    postMessage(message: CheckMessage<Report, Fetched>): void;
    onmessage: ((event: MessageEvent<Request>) => void) | null;
  };
  const say = (message: CheckMessage<Report, Fetched>) => worker.postMessage(message);
  worker.onmessage = ({ data }) => {
    const startedAt = performance.now();
    check(data, say).then(
      () => say({ kind: "done", milliseconds: performance.now() - startedAt }),
      (error: unknown) =>
        say({ kind: "failed", sentence: error instanceof Error ? error.message : String(error) }),
    );
  };
}
