import { changeByteOfPeriod } from "#domains/charging/check/changeByteOfPeriod.ts";
import { checkPeriod } from "#domains/charging/check/periodCheck.ts";
import type { PeriodEvidenceJson } from "#domains/charging/check/periodEvidenceJson.ts";
import { readPeriodEvidence } from "#domains/charging/check/readPeriodEvidence.ts";
import { getJson } from "../../app/api/getJson.ts";
import type { PeriodCheckMessage, PeriodCheckRequest } from "./periodMessages.ts";

/* Verifies a period of quotas with the code that the audit runs, in a script of its own, so that the page stays usable. */

/** What a worker's global is to this script. */
const worker = globalThis as unknown as {
  postMessage(message: PeriodCheckMessage): void;
  onmessage: ((event: MessageEvent<PeriodCheckRequest>) => void) | null;
};

worker.onmessage = ({ data }) => {
  const startedAt = performance.now();
  check(data).then(
    () => worker.postMessage({ kind: "done", milliseconds: performance.now() - startedAt }),
    (error: unknown) =>
      worker.postMessage({
        kind: "failed",
        sentence: error instanceof Error ? error.message : String(error),
      }),
  );
};

async function check(request: PeriodCheckRequest): Promise<void> {
  const evidence = readPeriodEvidence(await fetchEvidence(request));
  for (const report of checkPeriod(evidence)) worker.postMessage({ kind: "report", report });
}

/** What the server says, with a byte changed when the reader wants to see that nothing slips through. */
async function fetchEvidence({ areaId, period, change }: PeriodCheckRequest): Promise<PeriodEvidenceJson> {
  const json = await getJson<PeriodEvidenceJson>(`/v1/areas/${areaId}/quota-periods/${period}/evidence`);
  if (change === null) return json;
  const changed = changeByteOfPeriod(json, change.choice, change.seed);
  if (changed === null)
    throw new Error(`this period has no ${change.choice} in which a byte could be changed`);
  worker.postMessage({ kind: "changed", sentence: changed.sentence });
  return changed.json;
}
