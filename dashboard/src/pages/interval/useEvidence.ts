import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { IntervalEvidence } from "#evidence/intervalEvidence.ts";
import { readIntervalEvidence } from "#evidence/readIntervalEvidence.ts";
import { getJson } from "../../api/getJson.ts";

/** An interval's evidence as the server gives it, read by the code that the check uses. */
export function useEvidence({
  areaId,
  intervalId,
  status,
}: {
  areaId: number;
  intervalId: number;
  status: string;
}): UseQueryResult<IntervalEvidence> {
  return useQuery({
    // Evidence grows with the interval's stage and is large: it is asked for once a stage, not after every event.
    queryKey: ["evidence", areaId, intervalId, status],
    queryFn: async ({ signal }) =>
      readIntervalEvidence(await getJson<unknown>(`/v1/intervals/${areaId}/${intervalId}/evidence`, signal)),
    placeholderData: keepPreviousData,
  });
}
