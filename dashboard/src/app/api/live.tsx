import { type Query, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { usePageDomains } from "../pageDomains.tsx";
import type { Answers } from "./answers.ts";
import { ProblemError } from "./getJson.ts";
import { createRefresher } from "./refresher.ts";

/** Whether the market's events reach this page; `since` is when they last did, milliseconds of this device's clock. */
export type Liveness = { readonly state: "connecting" | "live" | "lost"; readonly since: number };

/** A browser gives up on a stream that was refused; then it is opened anew. */
const REOPEN_MS = 2_000;

const LivenessContext = createContext<Liveness>({ state: "connecting", since: 0 });

/**
 * Listens to the market's events and lets the queries of the page ask again for what an event can have changed, while
 * somebody looks at it; no polling.
 */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [liveness, setLiveness] = useState<Liveness>({ state: "connecting", since: Date.now() });
  const queries = useQueryClient();
  const { answers } = usePageDomains();
  useEffect(() => {
    const refresher = createRefresher({
      refresh: (names) => void refreshAnswers(queries, answers, names),
      isSeen: () => document.visibilityState === "visible",
    });
    let wasLost = false;
    const onOpen = () => {
      setLiveness({ state: "live", since: Date.now() });
      // What happened meanwhile may be of before the last event that was seen.
      if (wasLost) refresher.add(answers.all);
      wasLost = false;
    };
    const onLost = () => {
      if (!wasLost) setLiveness({ state: "lost", since: Date.now() });
      wasLost = true;
    };
    const onEvent = (kind: string) => refresher.add(answers.changedBy(kind));
    const stop = listen({ kinds: answers.kinds, onOpen, onLost, onEvent });
    document.addEventListener("visibilitychange", refresher.wake);
    return () => {
      document.removeEventListener("visibilitychange", refresher.wake);
      refresher.close();
      stop();
    };
  }, [queries, answers]);
  return <LivenessContext value={liveness}>{children}</LivenessContext>;
}

/** Asks again for answers, by their names, where they are shown, and marks them as old where they are not. */
export function useRefresh(): (...names: readonly string[]) => Promise<void> {
  const queries = useQueryClient();
  const { answers } = usePageDomains();
  return (...names) => refreshAnswers(queries, answers, names);
}

function refreshAnswers(queries: QueryClient, answers: Answers, names: Iterable<string>): Promise<void> {
  return queries.invalidateQueries({
    queryKey: ["api"],
    predicate: (query) => isAllowed(query) && answers.isAnswer(String(query.queryKey[1]), names),
  });
}

export function useLiveness(): Liveness {
  return useContext(LivenessContext);
}

/** Follows the stream until the returned function is called. */
function listen({
  kinds,
  onOpen,
  onLost,
  onEvent,
}: {
  kinds: readonly string[];
  onOpen: () => void;
  onLost: () => void;
  onEvent: (kind: string) => void;
}): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource("/v1/events");
    source.onopen = onOpen;
    source.onerror = () => {
      onLost();
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, REOPEN_MS);
    };
    for (const kind of kinds) source.addEventListener(kind, () => onEvent(kind));
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

/** What may not be seen stays so whatever the market does; signing in asks again. */
function isAllowed({ state: { error } }: Query): boolean {
  return !(error instanceof ProblemError && (error.status === 401 || error.status === 403));
}
