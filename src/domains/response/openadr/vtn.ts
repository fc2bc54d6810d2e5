import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { acquireProcessLock } from "#platform/system/processLock.ts";
import { type ClientBook, openClientBook } from "./clientBook.ts";
import type { CallbackPolicy } from "./notify/callbackPolicy.ts";
import { callCallback } from "./notify/callCallback.ts";
import { requireCallbacks } from "./notify/proveCallback.ts";
import { startWebhooks, type Webhooks } from "./notify/webhooks.ts";
import { openObjectStore } from "./objectStore.ts";
import { openTokenBook, type TokenBook } from "./tokenBook.ts";
import { createVtnDesk, type Principal, type VtnDesk } from "./vtnDesk.ts";

/** A VTN with its files, without its HTTP server. */
export type Vtn = {
  readonly desk: VtnDesk;
  readonly clients: ClientBook;
  readonly tokens: TokenBook;
  readonly webhooks: Webhooks;
  close(): Promise<void>;
};

export type VtnOptions = {
  /** Its files lie there and in no other place; one process at a time has it. */
  readonly directory: string;
  readonly callbacks: CallbackPolicy;
  /** Ms of the unix epoch. */
  readonly now: () => number;
  readonly say: (sentence: string) => void;
  /** Waits between two tries to reach a callback. */
  readonly wait?: (ms: number) => Promise<void>;
};

const MILLIS_PER_SECOND = 1_000;

/** The file of a VTN's clients in its directory. */
export function clientsFile(directory: string): string {
  return join(directory, "clients.json");
}

/**
 * Opens the VTN of a directory.
 *
 * @throws ProcessLockedError, JournalDamagedError, ObjectsDamagedError, ClientsDamagedError
 */
export function openVtn({ directory, callbacks, now, say, wait = unheld }: VtnOptions): Vtn {
  const lock = acquireProcessLock(join(directory, "vtn.lock"));
  try {
    const clients = openClientBook(clientsFile(directory));
    const tokens = openTokenBook(join(directory, "tokens.journal"), () =>
      Math.floor(now() / MILLIS_PER_SECOND),
    );
    const store = openObjectStore(join(directory, "objects.journal"));
    if (store.notice !== null) say(store.notice);
    const checkCallbacks = (urls: readonly string[]) => requireCallbacks(urls, callbacks);
    const desk = createVtnDesk({ store, now, checkCallbacks });
    const webhooks = startWebhooks({
      ...{ desk, store, wait, say },
      principalOf: (clientID) => principalOf(clientID, clients),
      send: ({ url, bearerToken }, body) =>
        callCallback(new URL(url), { policy: callbacks, bearerToken, body }),
    });
    return {
      ...{ desk, clients, tokens, webhooks },
      async close() {
        webhooks.stop();
        await Promise.all([store.close(), tokens.close()]);
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Business logic is who may read everything. */
export function principalOf(clientID: string, clients: ClientBook): Principal | null {
  const client = clients.find(clientID);
  return client && { clientID, isBusiness: client.scopes.includes("read_all") };
}

/** A pause that does not keep the process from ending. */
async function unheld(ms: number): Promise<void> {
  await delay(ms, undefined, { ref: false });
}
