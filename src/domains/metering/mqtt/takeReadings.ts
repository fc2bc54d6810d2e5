import type { ReadingAnswer, ReadingDesk } from "#domains/metering/readingDesk.ts";
import { toSignedReading } from "#domains/metering/routes/meters.ts";
import { newReadingsWire } from "#domains/metering/wireMeters.ts";
import { jsonOrNull } from "#kernel/units/json.ts";
import { ANSWERS_TOPIC, meterOfTopic } from "./readingTopics.ts";

/** A message of a broker. */
export type BrokerMessage = { readonly topic: string; readonly payload: Uint8Array };

/** What is published for a device. */
export type Publish = (topic: string, payload: string) => Promise<void>;

/**
 * Takes a message with readings and answers the device once they are on disk (R8.26). A device without an answer sends again: that of a
 * message that can't be kept now, or that is none, is none. Readings of others are handed in under their own signature too.
 */
export async function takeReadings(
  { topic, payload }: BrokerMessage,
  { desk, publish, say }: { desk: ReadingDesk; publish: Publish; say: (sentence: string) => void },
): Promise<void> {
  const meter = meterOfTopic(topic);
  if (meter === null) return;
  const parsed = newReadingsWire.safeParse(jsonOrNull(new TextDecoder().decode(payload)));
  if (!parsed.success) {
    say(`a message at ${topic} is no list of signed readings`);
    return;
  }
  try {
    const answers = await Promise.all(parsed.data.readings.map((reading) => answerOf(desk, reading)));
    await publish(`${ANSWERS_TOPIC}${meter}`, JSON.stringify({ answers }));
  } catch (error) {
    say(`readings at ${topic} can't be kept now: ${(error as Error).message}`);
  }
}

async function answerOf(desk: ReadingDesk, wire: Parameters<typeof toSignedReading>[0]) {
  const { meterId, intervalId } = wire;
  const reason = await reasonOf(desk, wire);
  return { meterId, intervalId, status: reason === null ? "accepted" : "refused", reason };
}

async function reasonOf(
  desk: ReadingDesk,
  wire: Parameters<typeof toSignedReading>[0],
): Promise<ReadingAnswer | "malformed"> {
  let reading: ReturnType<typeof toSignedReading>;
  try {
    reading = toSignedReading(wire);
  } catch {
    return "malformed";
  }
  return desk.collect(reading);
}
