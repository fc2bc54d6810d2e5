import { createClient, http } from "viem";
import { changeByteOfPeriod } from "#domains/charging/check/changeByteOfPeriod.ts";
import { comparePeriods } from "#domains/charging/check/comparePeriods.ts";
import { checkPeriod, type PeriodCheckReport } from "#domains/charging/check/periodCheck.ts";
import type { PeriodEvidence } from "#domains/charging/check/periodEvidence.ts";
import type { PeriodEvidenceJson } from "#domains/charging/check/periodEvidenceJson.ts";
import { readPeriodEvidence } from "#domains/charging/check/readPeriodEvidence.ts";
import { periodEvidenceFromChain } from "#domains/charging/periodEvidence.ts";
import { getJson } from "../../app/api/getJson.ts";
import { answerChecks } from "../../app/check/answerChecks.ts";
import type { CheckMessage } from "../../app/check/checkRun.ts";
import { chooseEngine } from "../../app/check/chooseEngine.ts";
import type { PeriodCheckRequest } from "./periodMessages.ts";

/*
 * Verifies a period of quotas with the code that the audit runs, in a script of its own, so that the page stays usable: it alone may speak
 * to a node that the reader names.
 */

type Say = (message: CheckMessage<PeriodCheckReport>) => void;

answerChecks<PeriodCheckRequest, PeriodCheckReport>(async (request, say) => {
  const { areaId, period, rpcUrl, isIndependent } = request;
  const json = await fetchEvidence(request, say);
  const fromServer = readPeriodEvidence(json);
  await chooseEngine(countSignatures(fromServer));
  if (rpcUrl === null) return report(fromServer, say);
  const { chainId, deployedAtBlock } = json;
  const client = createClient({ transport: http(rpcUrl) });
  const place = { chainId, deployedAtBlock, quotaMarket: fromServer.quotaMarket };
  const fromChain = await periodEvidenceFromChain(client, place, { areaId, period });
  const comparison = comparePeriods(fromChain, fromServer);
  say({
    kind: "report",
    report: isIndependent ? comparison : { ...comparison, title: OWN_GATEWAY },
  });
  report(fromChain, say);
});

/** A server that is compared with itself: what that is worth. */
const OWN_GATEWAY = "What this server says is what its own node says (not an independent comparison)";

function report(evidence: PeriodEvidence, say: Say): void {
  for (const step of checkPeriod(evidence)) say({ kind: "report", report: step });
}

function countSignatures({ auction }: PeriodEvidence): number {
  return (auction?.book?.bids.length ?? 0) + (auction?.book?.offers.length ?? 0);
}

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
