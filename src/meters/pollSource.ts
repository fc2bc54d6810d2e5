import { setTimeout as delay } from "node:timers/promises";
import { type HttpMeter, readHttpStates } from "#world/meters/httpStates.ts";
import type { MeterSource } from "./runMeter.ts";

const ANSWER_MS = 5_000;
const MAX_ANSWER_CHARACTERS = 65_536;

/** Where a maker's device has its registers, when an address names the device alone. */
const PATHS: Readonly<Record<HttpMeter, string>> = {
  homewizard: "/api/v1/data",
  shelly: "/rpc/EMData.GetStatus?id=0",
};

/** Asks a device for its registers over HTTP, each `everyMs`. */
export function pollSource({
  meter,
  address,
  everyMs,
}: {
  readonly meter: HttpMeter;
  readonly address: string;
  readonly everyMs: number;
}): MeterSource {
  const url = new URL(address);
  const asked = url.pathname === "/" ? new URL(PATHS[meter], url) : url;
  return async (listener, signal) => {
    while (!signal.aborted) {
      try {
        const states = readHttpStates(meter, await askJson(asked, signal));
        if ("fault" in states) listener.fault(`${asked.href}: ${states.fault}`);
        else listener.states(states);
      } catch (error) {
        if (!signal.aborted) listener.fault(`${asked.href}: ${causeOf(error)}`);
      }
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  };
}

async function askJson(url: URL, signal: AbortSignal): Promise<unknown> {
  const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const text = await answer.text();
  if (text.length > MAX_ANSWER_CHARACTERS) throw new Error("the answer is no device's: it is too long");
  return JSON.parse(text);
}

function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
