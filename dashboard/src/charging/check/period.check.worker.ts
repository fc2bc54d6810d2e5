import { changeByteOfPeriod } from "#domains/charging/check/changeByteOfPeriod.ts";
import { checkPeriod, type PeriodCheckReport } from "#domains/charging/check/periodCheck.ts";
import type { PeriodEvidenceJson } from "#domains/charging/check/periodEvidenceJson.ts";
import { readPeriodEvidence } from "#domains/charging/check/readPeriodEvidence.ts";
import { getJson } from "../../app/api/getJson.ts";
import { answerChecks } from "../../app/check/answerChecks.ts";
import type { CheckMessage } from "../../app/check/checkRun.ts";
import type { PeriodCheckRequest } from "./periodMessages.ts";

/* Verifies a period of quotas with the code that the audit runs, in a script of its own, so that the page stays usable. */

type Say = (message: CheckMessage<PeriodCheckReport>) => void;

answerChecks<PeriodCheckRequest, PeriodCheckReport>(async (request, say) => {
  const evidence = readPeriodEvidence(await fetchEvidence(request, say));
  for (const report of checkPeriod(evidence)) say({ kind: "report", report });
});

/** What the server says, with a byte changed when the reader wants to see that nothing slips through. */
async function fetchEvidence(
  { areaId, period, change }: PeriodCheckRequest,
  say: Say,
): Promise<PeriodEvidenceJson> {
  const json = await getJson<PeriodEvidenceJson>(`/v1/areas/${areaId}/quota-periods/${period}/evidence`);
  if (change === null) return json;
  const changed = changeByteOfPeriod(json, change.choice, change.seed);
  if (changed === null)
    throw new Error(`this period has no ${change.choice} in which a byte could be changed`);
  say({ kind: "changed", sentence: changed.sentence });
  return changed.json;
}
