import type { PeriodCheckReport } from "#domains/charging/check/periodCheck.ts";
import { useCheckRun } from "../../app/check/useCheckRun.ts";
import type { PeriodCheckRequest } from "./periodMessages.ts";

/** Checks of periods in this browser. */
export function usePeriodCheck() {
  return useCheckRun<PeriodCheckRequest, PeriodCheckReport>(
    () => new Worker(new URL("./period.check.worker.ts", import.meta.url), { type: "module", name: "check" }),
  );
}
