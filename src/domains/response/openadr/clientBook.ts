import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";
import { clientID } from "./model/scalars.ts";
import { SCOPES, type Scope } from "./rules/operations.ts";

/** Who may get a token, and for what; of its secret there is a salted hash. */
export type RegisteredClient = {
  readonly clientID: string;
  readonly scopes: readonly Scope[];
  readonly salt: string;
  readonly secretHash: string;
};

/** The clients that a file names; what changes in it counts at once. */
export type ClientBook = {
  find(clientID: string): RegisteredClient | null;
  /** The client that has this secret; null when none has. */
  authenticate(clientID: string, secret: string): RegisteredClient | null;
  isEmpty(): boolean;
};

const hex = z.string().regex(/^[0-9a-f]+$/);
const fileSchema = z.object({
  clients: z.array(z.object({ clientID, scopes: z.array(z.enum(SCOPES)), salt: hex, secretHash: hex })),
});

const SECRET_BYTES = 32;
const SALT_BYTES = 16;
/** A secret that we made cannot be guessed; this makes one that somebody chose hard enough to try. */
const SCRYPT = { N: 4_096, r: 8, p: 1 } as const;
/** Hashed for a client that there is not, so that its answer takes as long. */
const NOBODY = { salt: "00", secretHash: "00".repeat(SECRET_BYTES) };

/** Opens the file at `path`; without a file there is no client. */
export function openClientBook(path: string): ClientBook {
  let seen = "";
  let clients = new Map<string, RegisteredClient>();
  const read = () => {
    const mark = markOf(path);
    if (mark === seen) return clients;
    clients = new Map(readClients(path).map((client) => [client.clientID, client]));
    seen = mark;
    return clients;
  };
  return {
    find: (id) => read().get(id) ?? null,
    isEmpty: () => read().size === 0,
    authenticate(id, secret) {
      const client = read().get(id) ?? null;
      const { salt, secretHash } = client ?? NOBODY;
      const isRight = timingSafeEqual(hashOf(secret, salt), Buffer.from(secretHash, "hex"));
      return isRight ? client : null;
    },
  };
}

/**
 * Writes a client into the file at `path`, in the place of one with the same id, and gives back its secret, which is
 * not kept: the one that was said, or a new one.
 *
 * @throws ClientsDamagedError
 */
export function registerClient(
  path: string,
  {
    id,
    scopes,
    secret = randomBytes(SECRET_BYTES).toString("base64url"),
  }: {
    readonly id: string;
    readonly scopes: readonly Scope[];
    readonly secret?: string | undefined;
  },
): string {
  const salt = randomBytes(SALT_BYTES).toString("hex");
  const client = {
    clientID: id,
    scopes: [...scopes],
    salt,
    secretHash: hashOf(secret, salt).toString("hex"),
  };
  const others = readClients(path).filter(({ clientID: other }) => other !== id);
  mkdirSync(dirname(path), { recursive: true });
  writeFileAside(path, Buffer.from(`${JSON.stringify({ clients: [...others, client] }, null, 2)}\n`));
  return secret;
}

function hashOf(secret: string, salt: string): Buffer {
  return scryptSync(secret, Buffer.from(salt, "hex"), SECRET_BYTES, SCRYPT);
}

/** Another text each time when the file is replaced. */
function markOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? "none" : `${found.ino} ${found.mtimeMs} ${found.size}`;
}

function readClients(path: string): readonly RegisteredClient[] {
  if (!existsSync(path)) return [];
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, "utf8"))).clients;
  } catch (cause) {
    throw new ClientsDamagedError(path, cause);
  }
}

export class ClientsDamagedError extends DomainError {
  readonly code = "openAdrClientsDamaged";

  constructor(path: string, cause: unknown) {
    super(`${path} cannot be read: restore it, or delete it and register the clients anew`, { cause });
  }
}
