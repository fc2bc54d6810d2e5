import { type Query, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import type { EventKind } from "#platform/chain/chainEvent.ts";
import { ALL_ANSWERS, type Answer, CHANGED_BY, isAnswer } from "./answers.ts";
import { ProblemError } from "./getJson.ts";
import { createRefresher } from "./refresher.ts";

/** Whether the market's events reach this page; `since` is when they last did, milliseconds of this device's clock. */
export type Liveness = { readonly state: "connecting" | "live" | "lost"; readonly since: number };

/** Events that change something on a page. */
const SHOWN_KINDS = (Object.keys(CHANGED_BY) as EventKind[]).filter((kind) => CHANGED_BY[kind].length > 0);
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
  useEffect(() => {
    const refresher = createRefresher({
      refresh: (answers) => void refreshAnswers(queries, answers),
      isSeen: () => document.visibilityState === "visible",
    });
    let wasLost = false;
    const onOpen = () => {
      setLiveness({ state: "live", since: Date.now() });
      // What happened meanwhile may be of before the last event that was seen.
      if (wasLost) refresher.add(ALL_ANSWERS);
      wasLost = false;
    };
    const onLost = () => {
      if (!wasLost) setLiveness({ state: "lost", since: Date.now() });
      wasLost = true;
    };
    const stop = listen({ onOpen, onLost, onEvent: (kind) => refresher.add(CHANGED_BY[kind]) });
    document.addEventListener("visibilitychange", refresher.wake);
    return () => {
      document.removeEventListener("visibilitychange", refresher.wake);
      refresher.close();
      stop();
    };
  }, [queries]);
  return <LivenessContext value={liveness}>{children}</LivenessContext>;
}

/** Asks again for these answers where they are shown, and marks them as old where they are not. */
export function refreshAnswers(queries: QueryClient, answers: Iterable<Answer>): Promise<void> {
  return queries.invalidateQueries({
    queryKey: ["api"],
    predicate: (query) => isAllowed(query) && isAnswer(String(query.queryKey[1]), answers),
  });
}

export function useLiveness(): Liveness {
  return useContext(LivenessContext);
}

/** Follows the stream until the returned function is called. */
function listen({
  onOpen,
  onLost,
  onEvent,
}: {
  onOpen: () => void;
  onLost: () => void;
  onEvent: (kind: EventKind) => void;
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
    for (const kind of SHOWN_KINDS) source.addEventListener(kind, () => onEvent(kind));
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
