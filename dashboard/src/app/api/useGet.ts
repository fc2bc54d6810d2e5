import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { getJson, ProblemError } from "./getJson.ts";

const RETRIES = 2;

/**
 * What a resource of the API says, kept up to date by the market's events; the last answer stays while a newer one is
 * fetched or can't be had. With `path` null nothing is asked.
 *
 * @param isFinal whether an answer can never be another, so that nothing asks for it again
 * @param everyMs asks again so often, where an answer can be another without an event
 */
export function useGet<Body>(
  path: string | null,
  { isFinal, everyMs = false }: { isFinal?: (body: Body) => boolean; everyMs?: number | false } = {},
): UseQueryResult<Body> {
  return useQuery({
    queryKey: ["api", path],
    queryFn: ({ signal }) => getJson<Body>(path ?? "", signal),
    enabled: path !== null,
    placeholderData: keepPreviousData,
    retry: retryUnlessRefused,
    refetchInterval: everyMs,
    staleTime: ({ state }) =>
      state.data !== undefined && isFinal?.(state.data) ? "static" : Number.POSITIVE_INFINITY,
  });
}

/** A refusal stays one, however often one asks. */
export function retryUnlessRefused(failures: number, error: Error): boolean {
  return !(error instanceof ProblemError) && failures < RETRIES;
}
