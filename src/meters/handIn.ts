import { setTimeout as delay } from "node:timers/promises";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { Outbox } from "./outbox.ts";

/** What a gateway said of a reading: null when it is on its disk. */
export type HandedIn = { readonly intervalId: number; readonly reason: string | null };

/** A way to a gateway. Throws while there is none; what was not answered is sent again. */
export type GatewayClient = {
  handIn(readings: readonly SignedReading[]): Promise<readonly HandedIn[]>;
  close(): Promise<void>;
};

/** What may become better by itself: an enrolment that is on its way, a clock that is set. */
const MAY_PASS = new Set(["unknownArea", "unknownMeter", "revokedDevice", "notOver"]);
const BATCH = 500;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

export type HandInOptions = {
  readonly outbox: Pick<Outbox, "pending" | "settle">;
  readonly gateway: GatewayClient;
  readonly signal: AbortSignal;
  /** Resolves when there may be something new. */
  readonly news: () => Promise<void>;
  readonly say: (sentence: string) => void;
};

/** Hands in what the outbox holds, until `signal`: after a failure again, first after a second, at last once a minute. */
export async function handInAll({ outbox, gateway, signal, news, say }: HandInOptions): Promise<void> {
  let waitMs = FIRST_WAIT_MS;
  let isDown = false;
  while (!signal.aborted) {
    const batch = outbox.pending().slice(0, BATCH);
    if (batch.length === 0) {
      await news();
      continue;
    }
    try {
      const progress = settleAnswers(outbox, batch, await gateway.handIn(batch), say);
      if (isDown) say("the gateway answers again");
      isDown = false;
      if (progress) {
        waitMs = FIRST_WAIT_MS;
        continue;
      }
    } catch (error) {
      if (!isDown) say(`${(error as Error).message}; ${outbox.pending().length} readings wait on disk`);
      isDown = true;
    }
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
  }
}

/** Whether any reading is off. */
function settleAnswers(
  outbox: Pick<Outbox, "settle">,
  batch: readonly SignedReading[],
  answers: readonly HandedIn[],
  say: (sentence: string) => void,
): boolean {
  const sent = new Set(batch.map(({ intervalId }) => intervalId));
  const known = answers.filter(({ intervalId }) => sent.has(intervalId));
  const acknowledged = known.flatMap(({ intervalId, reason }) => (reason === null ? [intervalId] : []));
  const refused = known.flatMap(({ intervalId, reason }) =>
    reason === null || MAY_PASS.has(reason) ? [] : [{ intervalId, reason }],
  );
  for (const { intervalId, reason } of refused) say(`interval ${intervalId} is refused: ${reason}`);
  if (acknowledged.length + refused.length === 0) return false;
  outbox.settle(acknowledged, refused);
  return true;
}
