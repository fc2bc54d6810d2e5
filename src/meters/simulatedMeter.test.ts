import { createCipheriv } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ledgerSeparator, readingSigner, type SignedReading } from "#domains/metering/rules/meterReading.ts";
import { wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { registersAt, SIMULATED_METERS, telegramOf } from "#world/meters/simulatedHome.ts";
import { PLACE } from "./meterPlace.fixture.ts";
import { openOutbox } from "./outbox.ts";
import { type MeterSource, runMeter } from "./runMeter.ts";
import { openSimulatedMeter } from "./simulatedMeter.ts";
import { createSmartyReader } from "./smarty.ts";
import { NoSourceError, telegramSource } from "./telegramSource.ts";

const deviceKey = wordOf(99);
const NOON = 1_750_000_000 - (1_750_000_000 % 86_400) + 43_200;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "commonwatt-meter-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a meter until so many readings are with the gateway. */
async function collect(
  source: MeterSource,
  now: (() => number) | null,
  least: number,
): Promise<SignedReading[]> {
  const stop = new AbortController();
  const got: SignedReading[] = [];
  const outbox = openOutbox(join(folder, "outbox"), PLACE);
  const gateway = {
    async handIn(readings: readonly SignedReading[]) {
      got.push(...readings);
      if (got.length >= least) stop.abort();
      return readings.map(({ intervalId }) => ({ intervalId, reason: null }));
    },
    close: async () => {},
  };
  await runMeter({
    ...{ place: PLACE, deviceKey, source, outbox, gateway, now, signal: stop.signal },
    capacityW: 17_250,
    say: () => {},
  });
  await outbox.close();
  return got;
}

function check(readings: readonly SignedReading[]) {
  const separator = ledgerSeparator(PLACE.chainId, PLACE.meterLedger);
  for (const reading of readings) {
    expect(readingSigner(reading, separator)).toBe(addressOfKey(deviceKey));
    const [from, to] = [0, 1].map((i) => registersAt((reading.intervalId + i) * 900)) as [
      ReturnType<typeof registersAt>,
      ReturnType<typeof registersAt>,
    ];
    // A message without a time of its own is as old as its way: some steps of the clock, at 2.4 kW.
    expect(Math.abs(reading.importWh - (to.importWh - from.importWh))).toBeLessThanOrEqual(40);
    expect(Math.abs(reading.exportWh - (to.exportWh - from.exportWh))).toBeLessThanOrEqual(40);
  }
}

it.each(SIMULATED_METERS)("a reading travels from a simulated %s to the gateway (R8.26)", async (kind) => {
  // Each look at the clock is a step of it: no test waits for the world's.
  let at = NOON;
  const now = () => {
    at += 5;
    return at;
  };
  const meter = await openSimulatedMeter(kind, { now, everyMs: 1 });
  const readings = await collect(meter.source, now, 3);
  await meter.close();
  expect(readings.length).toBeGreaterThanOrEqual(3);
  check(readings);
});

it("a file of telegrams goes by the meter's own time, and ends when all is handed in", async () => {
  const path = join(folder, "telegrams.txt");
  const times = Array.from({ length: 31 }, (_, i) => NOON + i * 60);
  writeFileSync(path, times.map((at) => telegramOf(registersAt(at), at)).join(""));
  const readings = await collect(telegramSource({ from: path, decryptionKey: null }), null, 99);
  expect(readings.map(({ quality }) => quality)).toEqual(["measured", "measured"]);
  check(readings);
});

it("a place that is neither a serial server nor a file is refused", () => {
  expect(() => telegramSource({ from: "http://meter", decryptionKey: null })).toThrow(NoSourceError);
});

it("telegrams of Luxembourg's meters are decrypted, however their stream is cut", () => {
  const key = Buffer.alloc(16, 7);
  const frames = [NOON, NOON + 10].map((at, i) => encrypt(telegramOf(registersAt(at), at), key, i));
  const stream = Buffer.concat([Buffer.from([1, 0xdb, 2]), ...frames]);
  for (const cut of [1, 7, 100, stream.length]) {
    const telegrams: string[] = [];
    const faults: string[] = [];
    const read = createSmartyReader(key, {
      telegram: (text) => void telegrams.push(text),
      fault: (sentence) => void faults.push(sentence),
    });
    for (let from = 0; from < stream.length; from += cut) read(stream.subarray(from, from + cut));
    expect(telegrams).toEqual([NOON, NOON + 10].map((at) => telegramOf(registersAt(at), at)));
    expect(faults).toEqual([]);
  }
  const faults: string[] = [];
  createSmartyReader(Buffer.alloc(16, 8), { telegram: () => {}, fault: (each) => void faults.push(each) })(
    stream,
  );
  expect(faults).toEqual(Array(2).fill("a telegram can't be decrypted with the key that was given"));
});

/** A frame as the meter sends it. */
function encrypt(text: string, key: Buffer, counter: number): Buffer {
  const title = Buffer.from("SAGtest1");
  const frameCounter = Buffer.alloc(4);
  frameCounter.writeUInt32BE(counter);
  const cipher = createCipheriv("aes-128-gcm", key, Buffer.concat([title, frameCounter]), {
    authTagLength: 12,
  });
  cipher.setAAD(Buffer.from("3000112233445566778899aabbccddeeff", "hex"));
  const sealed = Buffer.concat([cipher.update(text, "latin1"), cipher.final(), cipher.getAuthTag()]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(sealed.length + 5);
  return Buffer.concat([
    Buffer.from([0xdb, 0x08]),
    title,
    Buffer.from([0x82]),
    length,
    Buffer.from([0x30]),
    frameCounter,
    sealed,
  ]);
}
