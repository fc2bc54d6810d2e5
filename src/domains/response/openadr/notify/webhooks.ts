import type { Notification } from "../model/answers.ts";
import type { Subscription } from "../model/objects.ts";
import type { Change, ObjectStore } from "../objectStore.ts";
import { type Callback, type News, newsFor } from "../rules/subscribed.ts";
import type { Principal, VtnDesk } from "../vtnDesk.ts";
import type { CallbackAnswer } from "./callCallback.ts";

/** Tells subscribers of changes. */
export type Webhooks = {
  /** Resolves when everything was told that is to be told by now, or given up. */
  idle(): Promise<void>;
  stop(): void;
};

export type WebhookOptions = {
  readonly desk: VtnDesk;
  readonly store: ObjectStore;
  /** The client of a subscription as it is now; null when there is none any more. */
  readonly principalOf: (clientID: string) => Principal | null;
  readonly send: (callback: Callback, notification: Notification) => Promise<CallbackAnswer>;
  readonly wait: (ms: number) => Promise<void>;
  /** One sentence for the operator. */
  readonly say: (sentence: string) => void;
};

/** How long the VTN waits before it tries again, ms. */
const RETRY_AFTER_MS = [1_000, 5_000, 25_000] as const;
/** Waiting at one subscription; the oldest is dropped for another. */
const MOST_WAITING = 1_000;
/** Given up so often in a row, a subscription is told nothing more until it is written anew. */
const MOST_FAILURES = 5;
const LEAST_FAULT_STATUS = 300;

type Letter = { readonly callback: Callback; readonly notification: Notification };
/** What a subscription waits for; broken once too much of it failed. */
type Box = { letters: Letter[]; failures: number; isRunning: boolean };

/**
 * Tells each subscriber what it may see, in the order in which it happened, one after the other at each subscription. Nothing of this is
 * on the disk: what was not told when the process ends is not told.
 */
export function startWebhooks(options: WebhookOptions): Webhooks {
  const boxes = new Map<string, Box>();
  const running = new Set<Promise<void>>();
  let isStopped = false;
  const deliver = (subscription: Subscription, letters: readonly Letter[]) => {
    const box = boxes.get(subscription.id) ?? { letters: [], failures: 0, isRunning: false };
    boxes.set(subscription.id, box);
    if (box.failures >= MOST_FAILURES) return;
    box.letters = [...box.letters, ...letters].slice(-MOST_WAITING);
    if (box.isRunning) return;
    const done = emptyBox(box, { ...options, subscription, isStopped: () => isStopped }).finally(() => {
      running.delete(done);
    });
    running.add(done);
  };
  options.desk.onChange((changes) => {
    if (isStopped) return;
    for (const [subscription, letters] of lettersOf(changes, options)) deliver(subscription, letters);
    // Written anew or gone: what was given up counts no more.
    for (const { object } of changes) if (object.objectType === "SUBSCRIPTION") boxes.delete(object.id);
  });
  return {
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
    stop() {
      isStopped = true;
      for (const box of boxes.values()) box.letters = [];
    },
  };
}

async function emptyBox(
  box: Box,
  context: WebhookOptions & { readonly subscription: Subscription; readonly isStopped: () => boolean },
): Promise<void> {
  box.isRunning = true;
  for (let letter = box.letters.shift(); letter !== undefined; letter = box.letters.shift()) {
    const isTold = await tell(letter, context);
    if (context.isStopped()) break;
    box.failures = isTold ? 0 : box.failures + 1;
    if (box.failures < MOST_FAILURES) continue;
    const { id, clientName } = context.subscription;
    context.say(
      `subscription ${id} of ${clientName} cannot be told: it is told nothing until it is written anew`,
    );
    box.letters = [];
  }
  box.isRunning = false;
}

async function tell(
  { callback, notification }: Letter,
  { send, wait, isStopped }: WebhookOptions & { readonly isStopped: () => boolean },
): Promise<boolean> {
  for (const pause of [...RETRY_AFTER_MS, null]) {
    const answer = await send(callback, notification).catch(() => null);
    if (answer !== null && answer.status < LEAST_FAULT_STATUS) return true;
    if (pause === null || isStopped()) return false;
    await wait(pause);
  }
  return false;
}

/** What of some changes is told to whom: they are looked at as the objects that go with them still stood. */
function lettersOf(
  changes: readonly Change[],
  { store, desk, principalOf }: WebhookOptions,
): Map<Subscription, Letter[]> {
  const gone = changes.flatMap(({ operation, object }) => (operation === "DELETE" ? object : []));
  const events = new Map(
    gone.flatMap((each) => (each.objectType === "EVENT" ? [[each.id, each.programID]] : [])),
  );
  const programOfEvent = (id: string) => events.get(id) ?? store.find("EVENT", id)?.programID ?? null;
  const letters = new Map<Subscription, Letter[]>();
  for (const subscription of store.all("SUBSCRIPTION")) {
    const who = principalOf(subscription.clientID);
    if (who === null) continue;
    const viewer = desk.viewerOf(who);
    const own = changes.flatMap((news) => {
      const told = newsFor(subscription, { news, viewer, programOfEvent });
      return told === null ? [] : told.callbacks.map((callback) => letterOf(callback, told.news));
    });
    if (own.length > 0) letters.set(subscription, own);
  }
  return letters;
}

function letterOf(callback: Callback, { operation, object }: News): Letter {
  return { callback, notification: { objectType: object.objectType, operation, object } };
}
