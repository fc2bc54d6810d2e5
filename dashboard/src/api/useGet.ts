import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { getJson, ProblemError } from "./getJson.ts";

const RETRIES = 2;

/**
 * What a resource of the API says, kept up to date by the market's events; the last answer stays while a newer one is
 * fetched or can't be had. With `path` null nothing is asked.
 */
export function useGet<Body>(path: string | null): UseQueryResult<Body> {
  return useQuery({
    queryKey: ["api", path],
    queryFn: ({ signal }) => getJson<Body>(path ?? "", signal),
    enabled: path !== null,
    placeholderData: keepPreviousData,
    retry: (failures, error) => !(error instanceof ProblemError) && failures < RETRIES,
  });
}
