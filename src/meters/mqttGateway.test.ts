import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { DOMAINS, NO_SOURCES } from "#domains/domains.ts";
import { connectBroker } from "#domains/metering/mqtt/connectBroker.ts";
import { hearBroker } from "#domains/metering/mqtt/hearBroker.ts";
import {
  InsecureBrokerError,
  openReadingsBroker,
  type ReadingsBroker,
} from "#domains/metering/mqtt/readingsBroker.ts";
import { passwordOf } from "#domains/metering/rules/deviceLogin.ts";
import { ledgerSeparator, type SignedReading, signReading } from "#domains/metering/rules/meterReading.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { AREA_ID, createHistory, keyOf } from "#platform/store/marketHistory.fixture.ts";
import { openMemoryStore } from "#platform/store/memoryStore.fixture.ts";
import { meterOf } from "#platform/store/meteredHomes.fixture.ts";
import type { Store } from "#platform/store/openStore.ts";
import { project } from "#platform/store/project.ts";
import type { MeterPlace } from "./meterPlace.ts";
import { mqttGateway } from "./mqttGateway.ts";

const meterLedger = addressOf(DEPLOYMENT, "meterLedger");
const place: MeterPlace = {
  ...{ meterId: meterOf(AREA_ID, 4), areaId: AREA_ID, member: 4, intervalSeconds: 900 },
  ...{ chainId: DEPLOYMENT.chainId, meterLedger },
};
const NOW = 102 * 900;

let store: Store;
let kept: SignedReading[];
let isFull: boolean;
const desk = {
  async collect(reading: SignedReading) {
    if (isFull) throw new Error("no space left on device");
    kept.push(reading);
    return reading.importWh === 13 ? ("duplicateReading" as const) : null;
  },
};

beforeAll(async () => {
  store = await openMemoryStore();
  await project(store, createHistory().events, { domains: DOMAINS, sources: NO_SOURCES });
});
afterAll(() => store.close());
beforeEach(() => {
  kept = [];
  isFull = false;
});

function openBroker(tls: { key: string; certificate: string } | null = null, said: string[] = []) {
  return openReadingsBroker({
    listener: { host: "127.0.0.1", port: 0, tls },
    ...{ desk, db: store.db, place },
    now: () => NOW,
    worldNow: () => Date.now() / 1_000,
    say: (sentence) => void said.push(sentence),
  });
}

function reading(intervalId: number, importWh = 5): SignedReading {
  const { meterId, areaId, member, chainId } = place;
  const value = { importWh, exportWh: 0, quality: "measured", version: 1 } as const;
  return signReading(
    { meterId, areaId, member, intervalId, ...value },
    ledgerSeparator(chainId, meterLedger),
    keyOf(4),
  );
}

/** A device that has signed in; connections take their time. */
async function device(broker: ReadingsBroker | { url: string }, authority?: string) {
  const said: string[] = [];
  const gateway = await mqttGateway({
    broker: broker.url,
    ...{ place, deviceKey: keyOf(4), authority },
    say: (sentence) => void said.push(sentence),
  });
  const handIn = async (readings: readonly SignedReading[]) => {
    for (;;) {
      try {
        return await gateway.handIn(readings);
      } catch {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
  return { handIn, close: gateway.close, said };
}

it("a device signs in by its key, hands in, and hears what is on disk (R2.19, R8.26)", async () => {
  const broker = await openBroker();
  const own = await device(broker);
  const answers = await own.handIn([reading(100), reading(101, 13)]);
  expect(answers).toMatchObject([
    { intervalId: 100, reason: null },
    { intervalId: 101, reason: "duplicateReading" },
  ]);
  expect(kept).toEqual([reading(100), reading(101, 13)]);
  await own.close();
  await broker.close();
});

it("neither a stranger nor a former key signs in, and nobody publishes for another", async () => {
  const broker = await openBroker();
  const at = Math.floor(Date.now() / 1_000);
  const { meterId } = place;
  const passwords = [
    "secret",
    passwordOf({ meterId, at }, place, keyOf(5)),
    passwordOf({ meterId, at: at - 7_200 }, place, keyOf(4)),
  ];
  for (const password of passwords) {
    const refused = new Promise<string>((resolve) => {
      void connectBroker(broker.url, { username: meterId, password: () => password, say: resolve }).then(
        (client) => client.once("error", () => client.end(true)),
      );
    });
    expect(await refused).toMatch(/not authorized/i);
  }
  const password = () => passwordOf({ meterId, at }, place, keyOf(4));
  const client = await connectBroker(broker.url, { username: meterId, password, say: () => {} });
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  client.once("connect", () => client.publish(`commonwatt/readings/${meterOf(AREA_ID, 5)}`, "{}"));
  await closed;
  await client.endAsync(true);
  expect(kept).toEqual([]);
  await broker.close();
});

it("what can't be kept is not answered, and what is no reading is told", async () => {
  const said: string[] = [];
  const broker = await openBroker(null, said);
  const { meterId } = place;
  const at = Math.floor(Date.now() / 1_000);
  const password = () => passwordOf({ meterId, at }, place, keyOf(4));
  const client = await connectBroker(broker.url, { username: meterId, password, say: () => {} });
  const topic = `commonwatt/readings/${meterId}`;
  isFull = true;
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  await client.publishAsync(topic, "{}", { qos: 1 });
  const { signature, ...rest } = reading(100);
  const wire = { ...rest, signature: `0x${Buffer.from(signature).toString("hex")}` };
  await client.publishAsync(topic, JSON.stringify({ readings: [wire] }), { qos: 1 });
  while (said.length < 2) await new Promise((resolve) => setImmediate(resolve));
  expect(said).toEqual([
    `a message at ${topic} is no list of signed readings`,
    `readings at ${topic} can't be kept now: no space left on device`,
  ]);
  await client.endAsync(true);
  await broker.close();
});

it("readings are heard at any other broker too", async () => {
  const foreign = await Aedes.createBroker();
  const server = createServer(foreign.handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = `mqtt://anybody:secret@127.0.0.1:${(server.address() as AddressInfo).port}`;
  const heard = await hearBroker({ address, desk, say: () => {} });
  await new Promise<void>((resolve) => foreign.once("subscribe", () => resolve()));
  const own = await device({ url: address });
  expect(await own.handIn([reading(100)])).toMatchObject([{ intervalId: 100, reason: null }]);
  await own.close();
  await heard.close();
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  await new Promise<void>((resolve) => foreign.close(() => resolve()));
  await ended;
});

it("beyond loopback a broker needs TLS", async () => {
  const listener = { host: "0.0.0.0", port: 0, tls: null };
  const options = { listener, desk, db: store.db, place, now: () => NOW, worldNow: () => NOW, say: () => {} };
  await expect(openReadingsBroker(options)).rejects.toThrow(InsecureBrokerError);
});

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

it.skipIf(!hasOpenssl)("a device checks the broker's certificate (skipped: no openssl)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "commonwatt-tls-"));
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "1",
      "-subj",
      "/CN=127.0.0.1",
    ].concat(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "certificate.pem"]),
    { cwd: folder, stdio: "ignore" },
  );
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const certificate = read("certificate.pem");
  const broker = await openBroker({ key: read("key.pem"), certificate });
  expect(broker.url).toMatch(/^mqtts:/);
  const own = await device(broker, certificate);
  expect(await own.handIn([reading(100)])).toMatchObject([{ reason: null }]);
  await own.close();
  const refused = new Promise<string>((resolve) => {
    void connectBroker(broker.url, { say: resolve }).then((client) =>
      client.once("error", () => client.end(true)),
    );
  });
  expect(await refused).toMatch(/self.signed/i);
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
});
