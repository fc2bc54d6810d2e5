import { createClient, http } from "viem";
import { changeOneByte } from "#domains/pool/check/changeOneByte.ts";
import { type CheckReport, checkInterval } from "#domains/pool/check/intervalCheck.ts";
import type { IntervalEvidence } from "#domains/pool/check/intervalEvidence.ts";
import type { IntervalEvidenceJson } from "#domains/pool/check/intervalEvidenceJson.ts";
import { compareEvidence, mergeEvidence } from "#domains/pool/check/mergeEvidence.ts";
import { readIntervalEvidence } from "#domains/pool/check/readIntervalEvidence.ts";
import { intervalEvidenceFromChain } from "#domains/pool/intervalEvidence.ts";
import { readMarketPlace } from "#domains/pool/marketContracts.ts";
import { getJson } from "../../app/api/getJson.ts";
import { answerChecks } from "../../app/check/answerChecks.ts";
import type { CheckMessage } from "../../app/check/checkRun.ts";
import { chooseEngine } from "../../app/check/chooseEngine.ts";
import type { CheckRequest, FetchedEvidence } from "./checkMessages.ts";

/*
 * Verifies an interval with the code that the market ran. It is a script of its own with a content security policy of its
 * own: it alone may speak to a node that the reader names.
 */

type Say = (message: CheckMessage<CheckReport, FetchedEvidence>) => void;

answerChecks<CheckRequest, CheckReport, FetchedEvidence>(check);

async function check(request: CheckRequest, say: Say): Promise<void> {
  const { areaId, intervalId, rpcUrl, isIndependent } = request;
  const json = await fetchEvidence(request, say);
  const fromServer = readIntervalEvidence(json);
  await chooseEngine(countSignatures(fromServer));
  if (rpcUrl === null) return report(fromServer, say);
  const client = createClient({ transport: http(rpcUrl) });
  const place = readMarketPlace(json.deployment);
  const fromChain = await intervalEvidenceFromChain(client, place, { areaId, intervalId });
  const comparison = compareEvidence(fromChain, fromServer);
  say({
    kind: "report",
    report: isIndependent ? comparison : { ...comparison, title: OWN_GATEWAY },
  });
  report(mergeEvidence(fromChain, fromServer), say);
}

/** A server that is compared with itself: what that is worth. */
const OWN_GATEWAY = "What this server says is what its own node says (not an independent comparison)";

/** What the server says, with a byte changed when the reader wants to see that nothing slips through. */
async function fetchEvidence(
  { areaId, intervalId, change }: CheckRequest,
  say: Say,
): Promise<IntervalEvidenceJson> {
  const path = `/v1/intervals/${areaId}/${intervalId}/evidence`;
  const json = await getJson<IntervalEvidenceJson>(path);
  const { chainId, poolMarket } = json;
  say({ kind: "fetched", fetched: { bytes: JSON.stringify(json).length, chainId, poolMarket } });
  if (change === null) return json;
  const changed = changeOneByte(json, change.choice, change.seed);
  if (changed === null)
    throw new Error(`this interval has no ${change.choice} in which a byte could be changed`);
  say({ kind: "changed", sentence: changed.sentence });
  return changed.json;
}

function report(evidence: IntervalEvidence, say: Say): void {
  for (const step of checkInterval(evidence)) say({ kind: "report", report: step });
}

function countSignatures({ steps, rest, readings }: IntervalEvidence): number {
  const books = [...steps, ...(rest ? [rest] : [])];
  return books.reduce((sum, { bids, offers }) => sum + bids.length + offers.length, readings.length);
}
