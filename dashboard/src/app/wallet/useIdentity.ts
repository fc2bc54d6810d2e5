import {
  type Query,
  useIsMutating,
  useMutation,
  useMutationState,
  useQueryClient,
} from "@tanstack/react-query";
import { whenTold } from "../api/answer.ts";
import { sendJson } from "../api/getJson.ts";
import { type Session, type SessionState, useSessionState } from "../api/session.ts";
import type { SignInWith } from "./changeSession.ts";
import { usePlainWords } from "./plainWords.ts";

export type { SignInWith } from "./changeSession.ts";

/** Who one is to the server, and how to be somebody else. */
export type Identity = {
  /** Undefined until the server has answered. */
  readonly state: SessionState | undefined;
  /** Null when nobody is signed in. */
  readonly session: Session | null;
  readonly isDemonstration: boolean;
  /** Whether a sign-in or sign-out is under way, anywhere on the page. */
  readonly isChanging: boolean;
  /** Why the last change failed; null when it did not. */
  readonly failure: string | null;
  readonly signIn: (by: SignInWith) => void;
  readonly signOut: () => void;
};

type Change = SignInWith | { readonly kind: "signOut" };

const SESSION_KEY = ["api", "/v1/session"] as const;
const CHANGE_KEY = ["session"] as const;

/** The wallet's library is fetched when somebody signs in. */
export function useIdentity(): Identity {
  const plainWords = usePlainWords();
  const state = whenTold(useSessionState(), (told) => told, undefined);
  const { mutate } = useChange(state);
  const isChanging = useIsMutating({ mutationKey: CHANGE_KEY }) > 0;
  const changes = useMutationState({ filters: { mutationKey: CHANGE_KEY }, select: ({ state }) => state });
  const last = changes.at(-1);
  return {
    state,
    session: state?.session ?? null,
    isDemonstration: Boolean(state?.demonstration),
    isChanging,
    failure: last?.status === "error" ? plainWords(last.error) : null,
    signIn: mutate,
    signOut: () => mutate({ kind: "signOut" }),
  };
}

function useChange(state: SessionState | undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationKey: CHANGE_KEY,
    mutationFn: async (change: Change): Promise<Session | null> => {
      if (change.kind === "signOut") return sendJson<null>("DELETE", "/v1/session");
      if (state === undefined) throw new Error("the server has not said yet which chain this is");
      const { signIn } = await import("./changeSession.ts");
      return signIn(state, change);
    },
    onSuccess: async (session) => {
      const known = queries.getQueryCache().getAll();
      queries.setQueryData<SessionState>(SESSION_KEY, (old) => old && { ...old, session });
      await pagesRedrawn();
      // What only the last reader could see must not stay in memory.
      queries.removeQueries({ type: "inactive" });
      // What a page has opened since is asked in the new reader's name already.
      await askAnew(known.filter((query) => query.isActive()));
    },
  });
}

/** Pages are told in the next task, and are drawn anew at once: from then on nothing of the last reader is shown. */
function pagesRedrawn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Another reader may see more or less, also of what no event changes any more. */
async function askAnew(queries: readonly Query[]): Promise<void> {
  await Promise.allSettled(queries.map((query) => query.fetch(undefined, { cancelRefetch: true })));
}
