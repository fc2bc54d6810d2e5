import type { z } from "zod";
import type { IntervalEvidence } from "#domains/pool/check/intervalEvidence.ts";
import { readIntervalEvidence } from "#domains/pool/check/readIntervalEvidence.ts";
import type { evidenceWire } from "#domains/pool/wireEvidence.ts";
import type { Answer } from "../../app/api/answer.ts";
import { getJson } from "../../app/api/getJson.ts";
import { useAnswer } from "../../app/api/useAnswer.ts";
import { retryUnlessRefused } from "../../app/api/useGet.ts";
import type { Interval } from "../interval.ts";
import { type IntervalBooks, intervalBooks } from "./intervalBooks.ts";

type EvidenceJson = z.infer<typeof evidenceWire>;

/**
 * What proves an interval, and what follows from it for the page.
 *
 * @property evidence as the server gives it, read by the code that the check uses
 * @property books its money; null before the settlement
 */
export type ReadEvidence = {
  readonly evidence: IntervalEvidence;
  readonly books: IntervalBooks | null;
  readonly transactions: EvidenceJson["transactions"];
};

export function useEvidence({
  areaId,
  intervalId,
  status,
  attempt,
  readings,
}: Interval): Answer<ReadEvidence> {
  return useAnswer({
    // Evidence grows with the interval's stage and its readings and is large: it is asked for with these, not after every
    // event.
    queryKey: ["evidence", areaId, intervalId, status, attempt, readings?.version ?? null],
    queryFn: async ({ signal }) => {
      const path = `/v1/intervals/${areaId}/${intervalId}/evidence`;
      const json = await getJson<EvidenceJson>(path, signal);
      const evidence = readIntervalEvidence(json);
      return { evidence, books: intervalBooks(evidence), transactions: json.transactions };
    },
    isStillTrue: ([, area, interval]) => area === areaId && interval === intervalId,
    retry: retryUnlessRefused,
    staleTime: "static",
  });
}
