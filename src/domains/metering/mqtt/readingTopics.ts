/** Where a device publishes its readings, `{ readings: [...] }` as in POST /v1/readings; a metering point's number stands at the end. */
export const READINGS_TOPIC = "commonwatt/readings/";
/** Where the gateway answers it, `{ answers: [...] }`. */
export const ANSWERS_TOPIC = "commonwatt/answers/";

/** The metering point of a topic of readings; null of another topic. */
export function meterOfTopic(topic: string): string | null {
  if (!topic.startsWith(READINGS_TOPIC)) return null;
  const meterId = topic.slice(READINGS_TOPIC.length);
  return /^0x[0-9a-f]{64}$/.test(meterId) ? meterId : null;
}
