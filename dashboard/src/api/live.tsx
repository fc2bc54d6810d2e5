import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { ProblemError } from "./getJson.ts";

/** Whether the market's events reach this page; `since` is when they last did, milliseconds of this device's clock. */
export type Liveness = { readonly state: "connecting" | "live" | "lost"; readonly since: number };

/** Events after which figures of a page may be others. */
const EVENT_KINDS = [
  "areaCreated",
  "participantRegistered",
  "participantSuspended",
  "participantReinstated",
  "meterEnrolled",
  "meterRetired",
  "deviceKeyRotated",
  "deviceKeyRevoked",
  "deposited",
  "withdrawn",
  "marginAdded",
  "marginWithdrawalAnnounced",
  "marginWithdrawn",
  "stepVerified",
  "intervalCleared",
  "readingsPublished",
  "pageSettled",
  "intervalSettled",
  "pageVoided",
  "intervalVoided",
] as const;

/** A market may run faster than a person reads: pages are refreshed at most this often. */
const REFRESH_MS = 1_000;
/** A browser gives up on a stream that was refused; then it is opened anew. */
const REOPEN_MS = 2_000;

const LivenessContext = createContext<Liveness>({ state: "connecting", since: 0 });

/** Listens to the market's events and lets the queries of the page ask again after them; no polling. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [liveness, setLiveness] = useState<Liveness>({ state: "connecting", since: Date.now() });
  const queries = useQueryClient();
  useEffect(() => {
    const refresh = throttled(
      () =>
        void queries.invalidateQueries({
          queryKey: ["api"],
          predicate: ({ state }) => !isRefused(state.error),
        }),
    );
    let wasLost = false;
    const onOpen = () => {
      setLiveness({ state: "live", since: Date.now() });
      // What happened meanwhile may be of before the last event that was seen.
      if (wasLost) refresh();
      wasLost = false;
    };
    const onLost = () => {
      if (!wasLost) setLiveness({ state: "lost", since: Date.now() });
      wasLost = true;
    };
    return listen({ onOpen, onLost, onEvent: refresh });
  }, [queries]);
  return <LivenessContext value={liveness}>{children}</LivenessContext>;
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
  onEvent: () => void;
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
    for (const kind of EVENT_KINDS) source.addEventListener(kind, onEvent);
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

/** What may not be seen stays so whatever the market does; signing in asks again. */
function isRefused(error: unknown): boolean {
  return error instanceof ProblemError && (error.status === 401 || error.status === 403);
}

/** Calls at once, then at most every {@link REFRESH_MS}; the last call is never lost. */
function throttled(work: () => void): () => void {
  let isWaiting = false;
  let isDue = false;
  const run = () => {
    isDue = false;
    isWaiting = true;
    work();
    setTimeout(() => {
      isWaiting = false;
      if (isDue) run();
    }, REFRESH_MS);
  };
  return () => {
    if (isWaiting) isDue = true;
    else run();
  };
}
