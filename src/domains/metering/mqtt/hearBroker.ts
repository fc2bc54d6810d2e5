import type { ReadingDesk } from "#domains/metering/readingDesk.ts";
import { connectBroker } from "./connectBroker.ts";
import { READINGS_TOPIC } from "./readingTopics.ts";
import { takeReadings } from "./takeReadings.ts";

/**
 * Hears readings at a broker that somebody else runs, and answers there. Who may publish is that broker's business; whose a reading
 * is says its signature.
 */
export async function hearBroker({
  address,
  desk,
  say,
}: {
  readonly address: string;
  readonly desk: ReadingDesk;
  readonly say: (sentence: string) => void;
}): Promise<{ close(): Promise<void> }> {
  const client = await connectBroker(address, { say });
  const publish = async (topic: string, payload: string) => {
    await client.publishAsync(topic, payload, { qos: 1 });
  };
  client.on("message", (topic, payload) => void takeReadings({ topic, payload }, { desk, publish, say }));
  client.subscribe(`${READINGS_TOPIC}+`, { qos: 1 });
  return { close: () => client.endAsync(true) };
}
