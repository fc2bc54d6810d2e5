import { createServer as createHttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { listenAt } from "#platform/system/listenAt.ts";
import {
  httpAnswerOf,
  mqttMessagesOf,
  registersAt,
  type SimulatedMeter,
  telegramOf,
} from "#world/meters/simulatedHome.ts";
import { TEMPLATES } from "#world/meters/templates.ts";
import { mqttSource } from "./mqttSource.ts";
import { pollSource } from "./pollSource.ts";
import type { MeterSource } from "./runMeter.ts";
import { telegramSource } from "./telegramSource.ts";

const LOOPBACK = "127.0.0.1";

/** A meter that is simulated on loopback in its maker's form, and what reads it: the same as reads a real one. */
export type OpenSimulatedMeter = {
  readonly source: MeterSource;
  readonly says: string;
  close(): Promise<void>;
};

export type SimulationOptions = {
  /** Time of the market, unix seconds. */
  readonly now: () => number;
  /** How often it says its registers. */
  readonly everyMs: number;
};

/** Opens a simulated meter of a kind. */
export async function openSimulatedMeter(
  kind: SimulatedMeter,
  options: SimulationOptions,
): Promise<OpenSimulatedMeter> {
  if (kind === "dsmr") return openTelegrams(options);
  if (kind === "homewizard" || kind === "shelly") return openHttp(kind, options);
  return openMqtt(kind, options);
}

/** A serial server of a P1 port. */
async function openTelegrams({ now, everyMs }: SimulationOptions): Promise<OpenSimulatedMeter> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  const timer = setInterval(() => {
    // A telegram has whole seconds.
    const at = Math.floor(now());
    const telegram = telegramOf(registersAt(at), at);
    for (const socket of sockets) socket.write(telegram, "latin1");
  }, everyMs);
  const port = await listenAt(server, { host: LOOPBACK, port: 0 });
  const from = `tcp://${LOOPBACK}:${port}`;
  return {
    source: telegramSource({ from, decryptionKey: null }),
    says: `a simulated P1 port at ${from}`,
    async close() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      await closed(server);
    },
  };
}

async function openHttp(
  meter: "homewizard" | "shelly",
  { now, everyMs }: SimulationOptions,
): Promise<OpenSimulatedMeter> {
  const server = createHttpServer((request, response) => {
    const answer = httpAnswerOf(meter, registersAt(now()));
    const isThere = request.url?.split("?")[0] === answer.path;
    response.writeHead(isThere ? 200 : 404, { "content-type": "application/json" });
    response.end(isThere ? JSON.stringify(answer.body) : "{}");
  });
  const port = await listenAt(server, { host: LOOPBACK, port: 0 });
  const address = `http://${LOOPBACK}:${port}`;
  return {
    source: pollSource({ meter, address, everyMs }),
    says: `a simulated ${meter} at ${address}`,
    async close() {
      server.closeAllConnections();
      await closed(server);
    },
  };
}

async function openMqtt(
  kind: keyof typeof TEMPLATES,
  { now, everyMs }: SimulationOptions,
): Promise<OpenSimulatedMeter> {
  const { Aedes } = await import("aedes");
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  const port = await listenAt(server, { host: LOOPBACK, port: 0 });
  const timer = setInterval(() => {
    for (const { topic, text } of mqttMessagesOf(kind, registersAt(now())))
      broker.publish({ cmd: "publish", topic, payload: text, qos: 0, retain: true, dup: false }, () => {});
  }, everyMs);
  const address = `mqtt://${LOOPBACK}:${port}`;
  return {
    source: mqttSource({ broker: address, template: TEMPLATES[kind] }),
    says: `a simulated device at ${address}`,
    async close() {
      clearInterval(timer);
      const ended = closed(server);
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await ended;
    },
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
