import { randomBytes } from "node:crypto";
import type { Address } from "#kernel/crypto/hex.ts";

/** Who proved to hold an address, and until when that counts: unix seconds of the world's clock. */
export type Session = { readonly address: Address; readonly expiresAt: number };

/** Nonces and sessions, in memory: anyone who starts the server again signs everybody out. */
export type Sessions = {
  issueNonce(): { readonly nonce: string; readonly issuedAt: number };
  /** Uses a nonce up; false when it was never issued, is used or too old. */
  takeNonce(nonce: string): boolean;
  /** Opens a session; who knows the id has it. */
  open(address: Address): { readonly id: string; readonly session: Session };
  find(id: string): Session | null;
  close(id: string): void;
};

/** Time to read a message and sign it. */
const NONCE_SECONDS = 300;
/** A day at work: who comes back tomorrow signs again. */
const SESSION_SECONDS = 12 * 3_600;
/** What memory holds at most; the oldest goes first. A nonce has some 100 bytes, a session 200. */
const MAX_NONCES = 10_000;
const MAX_SESSIONS = 10_000;

export function createSessions(worldNow: () => number): Sessions {
  // Maps keep their order: the first is the oldest.
  const nonces = new Map<string, number>();
  const sessions = new Map<string, Session>();
  return {
    issueNonce() {
      const issuedAt = Math.floor(worldNow());
      const nonce = randomBytes(16).toString("hex");
      nonces.set(nonce, issuedAt);
      dropOldest(nonces, MAX_NONCES);
      return { nonce, issuedAt };
    },
    takeNonce(nonce) {
      const issuedAt = nonces.get(nonce);
      nonces.delete(nonce);
      return issuedAt !== undefined && worldNow() < issuedAt + NONCE_SECONDS;
    },
    open(address) {
      const id = randomBytes(32).toString("hex");
      const session = { address, expiresAt: Math.floor(worldNow()) + SESSION_SECONDS };
      sessions.set(id, session);
      dropOldest(sessions, MAX_SESSIONS);
      return { id, session };
    },
    find(id) {
      const session = sessions.get(id) ?? null;
      if (session === null || worldNow() < session.expiresAt) return session;
      sessions.delete(id);
      return null;
    },
    close(id) {
      sessions.delete(id);
    },
  };
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
