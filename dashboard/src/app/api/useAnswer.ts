import { type UseQueryOptions, useQuery } from "@tanstack/react-query";
import { type Answer, answerOf } from "./answer.ts";

/** Asks for something. The only place that looks into the library's query: a page gets an {@link Answer}. */
export function useAnswer<Body>(
  options: Pick<
    UseQueryOptions<Body>,
    "queryKey" | "queryFn" | "enabled" | "retry" | "refetchInterval" | "staleTime"
  > & {
    /** Whether what was said under another key answers this too, until this is answered. */
    readonly isStillTrue?: (key: readonly unknown[]) => boolean;
  },
): Answer<Body> {
  const { isStillTrue = () => false, ...asked } = options;
  const query = useQuery({
    ...asked,
    placeholderData: (last, before) => (before && isStillTrue(before.queryKey) ? last : undefined),
  });
  return answerOf(query);
}
