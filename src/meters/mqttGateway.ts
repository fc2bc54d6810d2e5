import type { MqttClient } from "mqtt";
import { connectBroker } from "#domains/metering/mqtt/connectBroker.ts";
import { ANSWERS_TOPIC, READINGS_TOPIC } from "#domains/metering/mqtt/readingTopics.ts";
import { passwordOf } from "#domains/metering/rules/deviceLogin.ts";
import { readingAnswersWire } from "#domains/metering/wireMeters.ts";
import { jsonOrNull } from "#kernel/units/json.ts";
import type { GatewayClient, HandedIn } from "./handIn.ts";
import { GatewayUnreachableError, type MeterPlace } from "./meterPlace.ts";
import { wireOf } from "./outbox.ts";

const ANSWER_MS = 30_000;
const MILLIS_PER_SECOND = 1_000;

type MqttGatewayOptions = {
  /** Address of the broker; a name in it is that of an account there, and the device's own login is not used. */
  readonly broker: string;
  readonly place: MeterPlace;
  readonly deviceKey: Uint8Array;
  readonly authority?: string | undefined;
  readonly say: (sentence: string) => void;
};

/** A gateway that hears a broker of MQTT: its own, where the device signs in by its key, or any other. */
export async function mqttGateway(options: MqttGatewayOptions): Promise<GatewayClient> {
  const { broker, place, deviceKey, authority, say } = options;
  const { meterId } = place;
  const own = new URL(broker).username === "";
  const client = await connectBroker(broker, {
    ...(own && {
      username: meterId,
      password: () =>
        passwordOf({ meterId, at: Math.floor(Date.now() / MILLIS_PER_SECOND) }, place, deviceKey),
    }),
    ...(authority === undefined ? {} : { authority }),
    say,
  });
  const waiting = new Set<(answers: readonly HandedIn[]) => void>();
  client.on("message", (_topic, payload) => {
    const { data } = readingAnswersWire.safeParse(jsonOrNull(payload.toString("utf8")));
    if (data) for (const tell of [...waiting]) tell(data.answers);
  });
  client.subscribe(`${ANSWERS_TOPIC}${meterId}`, { qos: 1 });
  return {
    async handIn(readings) {
      if (!client.connected) throw new GatewayUnreachableError(hostOf(broker));
      const wanted = new Set(readings.map(({ intervalId }) => intervalId));
      const answered = awaitAnswers(waiting, wanted);
      const payload = JSON.stringify({ readings: readings.map(wireOf) });
      publish(client, `${READINGS_TOPIC}${meterId}`, payload);
      const answers = await answered;
      if (answers === null) throw new GatewayUnreachableError(hostOf(broker));
      return answers;
    },
    close: () => client.endAsync(true),
  };
}

/** Answers to all of these intervals, or to what came in half a minute; null when none came. */
function awaitAnswers(
  waiting: Set<(answers: readonly HandedIn[]) => void>,
  wanted: Set<number>,
): Promise<readonly HandedIn[] | null> {
  return new Promise((resolve) => {
    const known: HandedIn[] = [];
    const end = () => {
      clearTimeout(timer);
      waiting.delete(tell);
      resolve(known.length > 0 ? known : null);
    };
    const tell = (answers: readonly HandedIn[]) => {
      for (const answer of answers) if (wanted.delete(answer.intervalId)) known.push(answer);
      if (wanted.size === 0) end();
    };
    const timer = setTimeout(end, ANSWER_MS);
    waiting.add(tell);
  });
}

/** What is not delivered is sent again with the next batch. */
function publish(client: MqttClient, topic: string, payload: string): void {
  client.publish(topic, payload, { qos: 1 }, () => {});
}

function hostOf(address: string): string {
  return new URL(address).host;
}
