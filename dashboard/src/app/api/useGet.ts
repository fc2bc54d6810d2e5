import type { Answer } from "./answer.ts";
import { getJson, ProblemError } from "./getJson.ts";
import { useAnswer } from "./useAnswer.ts";

const RETRIES = 2;

/**
 * What a resource of the API says, kept up to date by the market's events; the last answer stays while a newer one is
 * fetched or can't be had. With `path` null nothing is asked. What another address said is no answer, unless both are of one
 * `question`: the pages of a list, or a time that goes on with the market.
 *
 * @param isFinal whether an answer can never be another, so that nothing asks for it again
 * @param everyMs asks again so often, where an answer can be another without an event
 * @param question what is asked, where its address changes meanwhile
 */
export function useGet<Body>(
  path: string | null,
  {
    isFinal,
    everyMs = false,
    question,
  }: { isFinal?: (body: Body) => boolean; everyMs?: number | false; question?: string } = {},
): Answer<Body> {
  return useAnswer({
    queryKey: question === undefined ? ["api", path] : ["api", path, question],
    queryFn: ({ signal }) => getJson<Body>(path ?? "", signal),
    enabled: path !== null,
    isStillTrue: (key) => question !== undefined && key[2] === question,
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
