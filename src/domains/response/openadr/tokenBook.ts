import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { openJournal } from "#platform/system/journal.ts";
import { SCOPES, type Scope } from "./rules/operations.ts";
import { createShortener } from "./shortJournal.ts";

/** What a token is for; `expiresAt` in unix seconds. */
export type Grant = {
  readonly clientID: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: number;
};

/** Tokens that were given and are not over; they outlive a restart, and none of them stands in a file. */
export type TokenBook = {
  /** A new token for a client, on the disk when it resolves. */
  issue(grant: Omit<Grant, "expiresAt">): Promise<string>;
  /** What a token is for; null for one that is over, or never was. */
  find(token: string): Grant | null;
  close(): Promise<void>;
};

/** How long a token lasts. */
export const TOKEN_SECONDS = 3_600;
const TOKEN_BYTES = 32;
/** Of one client; the oldest is over when it gets another. */
const MOST_TOKENS = 100;

const recordSchema = z.object({
  hash: z.string(),
  clientID: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  expiresAt: z.int(),
});
type Kept = z.infer<typeof recordSchema>;

/** Opens the journal of tokens at `path`; `now` is in unix seconds. */
export function openTokenBook(path: string, now: () => number): TokenBook {
  const journal = openJournal(path);
  const kept = new Map<string, Kept>();
  const add = (record: Kept) => {
    kept.set(record.hash, record);
    const own = [...kept.values()].filter(({ clientID }) => clientID === record.clientID);
    for (const { hash } of own.slice(0, -MOST_TOKENS)) kept.delete(hash);
  };
  const prune = () => {
    for (const { hash, expiresAt } of [...kept.values()]) if (expiresAt <= now()) kept.delete(hash);
  };
  for (const found of journal.found) add(recordSchema.parse(found));
  prune();
  const shorten = createShortener(journal, () => [...kept.values()]);
  return {
    async issue({ clientID, scopes }) {
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      const record = { hash: hashOf(token), clientID, scopes: [...scopes], expiresAt: now() + TOKEN_SECONDS };
      prune();
      const isDurable = journal.append([record]);
      add(record);
      await isDurable;
      shorten();
      return token;
    },
    find(token) {
      const grant = kept.get(hashOf(token));
      return grant !== undefined && grant.expiresAt > now() ? grant : null;
    },
    close: () => journal.close(),
  };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
