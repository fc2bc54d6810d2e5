import type { CheckReport } from "#domains/pool/check/intervalCheck.ts";
import { useCheckRun } from "../../app/check/useCheckRun.ts";
import type { CheckRequest, FetchedEvidence } from "./checkMessages.ts";

/** Checks of intervals in this browser. */
export function useCheck() {
  return useCheckRun<CheckRequest, CheckReport, FetchedEvidence>(
    () => new Worker(new URL("./check.worker.ts", import.meta.url), { type: "module", name: "check" }),
  );
}
