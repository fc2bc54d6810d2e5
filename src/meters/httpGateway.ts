import { readingAnswersWire } from "#domains/metering/wireMeters.ts";
import type { GatewayClient } from "./handIn.ts";
import { GatewayUnreachableError } from "./meterPlace.ts";
import { wireOf } from "./outbox.ts";

const REQUEST_MS = 30_000;

/** A gateway at an address of HTTP. */
export function httpGateway(gateway: string): GatewayClient {
  const url = new URL("/v1/readings", gateway);
  return {
    async handIn(readings) {
      try {
        const answer = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ readings: readings.map(wireOf) }),
          signal: AbortSignal.timeout(REQUEST_MS),
        });
        if (!answer.ok) throw new Error(`status ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
        return readingAnswersWire.parse(await answer.json()).answers;
      } catch (cause) {
        throw new GatewayUnreachableError(url.origin, { cause });
      }
    },
    close: async () => {},
  };
}
