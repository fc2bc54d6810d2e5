import { connectBroker } from "#domains/metering/mqtt/connectBroker.ts";
import { noValues, type RegisterTemplate, takeMessage, topicsOf } from "#world/meters/registerTemplate.ts";
import type { MeterSource } from "./runMeter.ts";

/** Hears a meter's registers from a broker, by a template. */
export function mqttSource({
  broker,
  template,
}: {
  readonly broker: string;
  readonly template: RegisterTemplate;
}): MeterSource {
  return async (listener, signal) => {
    let values = noValues(template);
    const client = await connectBroker(broker, { say: listener.fault });
    client.on("message", (topic, payload) => {
      const taken = takeMessage(template, values, { topic, text: payload.toString("utf8") });
      values = taken.values;
      if (taken.states === null) return;
      if ("fault" in taken.states) listener.fault(taken.states.fault);
      else listener.states(taken.states);
    });
    client.subscribe([...topicsOf(template)]);
    await aborted(signal);
    await client.endAsync(true);
  };
}

/** Resolves when the signal is given. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
