import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import mqtt from "mqtt";
import { toHex } from "#kernel/crypto/hex.ts";
import { signUsual } from "./acceptance.ts";
import { deviceKeys } from "./meterDevices.ts";
import { type BenchRow, measuredRow } from "./row.ts";
import { withTemporaryDirectory } from "./temporaryDirectory.ts";

const SERVER = fileURLToPath(new URL("meterServer.ts", import.meta.url));
/** What the requirement asks for: 100,000 signed readings a minute, each accepted within a second (R1.4). */
const GOAL_A_SECOND = 100_000 / 60;
const GOAL_MS = 1_000;
const SINGLE = 10_000;
const BATCHED = 50_000;
const BATCH = 100;
const IN_FLIGHT = 64;
const PERCENTILE = 0.95;

type Wire = Record<string, unknown>;
type Send = (readings: readonly Wire[]) => Promise<void>;

/**
 * Signed readings that a gateway in another process accepts a second, on disk, and how long one waits from its publication to the answer: a reading a
 * request, a hundred a request, and a reading a message at a broker, 64 under way at once.
 */
export async function* benchMeters(): AsyncGenerator<BenchRow> {
  const keys = deviceKeys();
  let intervalId = 1_000;
  const sign = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const member = i % keys.length;
      if (member === 0) intervalId += 1;
      const { signature, ...rest } = signUsual(keys[member] as Uint8Array, member, intervalId);
      return { ...rest, signature: toHex(signature) };
    });
  for (const [name, count, batch] of [
    ["HTTP, a reading a request", SINGLE, 1],
    ["HTTP, a hundred a request", BATCHED, BATCH],
    ["MQTT, a reading a message", SINGLE, 1],
  ] as const) {
    const readings = sign(count);
    yield* await withTemporaryDirectory(async (directory) => {
      const server = await startServer(directory);
      const client = name.startsWith("MQTT") ? await mqttClient(server.mqtt) : httpClient(server.http);
      const { seconds, waits } = await sendAll(client.send, readings, batch);
      await client.close();
      await server.stop();
      return rowsOf(name, { count, seconds, waits });
    });
  }
}

function rowsOf(
  name: string,
  { count, seconds, waits }: { count: number; seconds: number; waits: number[] },
): BenchRow[] {
  const p95 = waits.sort((a, b) => a - b)[Math.floor(PERCENTILE * waits.length)] ?? Number.NaN;
  const rate = { value: count / seconds, unit: "readings/s", peer: "goal", peerValue: GOAL_A_SECOND };
  const wait = { value: p95, unit: "ms", peer: "goal", peerValue: GOAL_MS };
  return [
    measuredRow({ bench: "meters", case: name, n: count, ...rate }),
    measuredRow({ bench: "meters", case: `${name}, p95 to acceptance`, n: count, ...wait }),
  ];
}

async function sendAll(send: Send, readings: readonly Wire[], batch: number) {
  const waits: number[] = [];
  let next = 0;
  const startedAt = performance.now();
  const work = async () => {
    while (next < readings.length) {
      const from = next;
      next += batch;
      const at = performance.now();
      await send(readings.slice(from, from + batch));
      waits.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  return { seconds: (performance.now() - startedAt) / 1_000, waits };
}

function httpClient(http: string): { send: Send; close(): Promise<void> } {
  return {
    async send(readings) {
      const answer = await fetch(`${http}/v1/readings`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ readings }),
      });
      requireAccepted(await answer.text());
    },
    close: async () => {},
  };
}

/** One connection that publishes for all devices, as a broker's bridge does. */
async function mqttClient(address: string): Promise<{ send: Send; close(): Promise<void> }> {
  const client = await mqtt.connectAsync(address);
  const waiting = new Map<string, () => void>();
  client.on("message", (_topic, payload) => {
    const text = payload.toString();
    requireAccepted(text);
    const [answer] = (JSON.parse(text) as { answers: { meterId: string; intervalId: number }[] }).answers;
    waiting.get(`${answer?.meterId} ${answer?.intervalId}`)?.();
  });
  await client.subscribeAsync("commonwatt/answers/+", { qos: 1 });
  return {
    send: (readings) =>
      new Promise((resolve) => {
        const [reading] = readings;
        const id = `${reading?.meterId} ${reading?.intervalId}`;
        waiting.set(id, () => {
          waiting.delete(id);
          resolve();
        });
        client.publish(`commonwatt/readings/${reading?.meterId}`, JSON.stringify({ readings }), { qos: 1 });
      }),
    close: () => client.endAsync(true),
  };
}

function requireAccepted(text: string): void {
  if (!text.startsWith('{"answers":[') || text.includes('"refused"'))
    throw new Error(`not accepted: ${text.slice(0, 300)}`);
}

async function startServer(
  directory: string,
): Promise<{ http: string; mqtt: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, ["--import", "tsx", SERVER, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const said = JSON.parse(line.toString()) as { http: string; mqtt: string };
  return {
    ...said,
    async stop() {
      child.kill();
      await ended;
    },
  };
}
