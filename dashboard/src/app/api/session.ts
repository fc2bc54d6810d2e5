import type { z } from "zod";
import type { sessionStateWire, sessionWire } from "#platform/api/wireSession.ts";
import { useGet } from "./useGet.ts";

export type SessionState = z.infer<typeof sessionStateWire>;
export type Session = z.infer<typeof sessionWire>;

/** Who looks at the page, and which chain, zone and currency it speaks of. */
export function useSessionState() {
  return useGet<SessionState>("/v1/session");
}
