import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ledgerSeparator, readingSigner } from "#domains/metering/rules/meterReading.ts";
import { type Address, fromHex, type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { startCommonwatt } from "./program.fixture.ts";

/* `commonwatt meter` beside a simulated meter, against a gateway that is not always there. */

const METER_ID = toHex(wordOf(4));
const KEY = wordOf(99);
const LENGTH = 60;
const place = {
  ...{ meterId: METER_ID, areaId: 1, member: 4, capacityW: 17_250, intervalSeconds: LENGTH },
  ...{ deviceKey: addressOfKey(KEY), chainId: 31_337, meterLedger: `0x${"ab".repeat(20)}` as Address },
};
const SPEED = 60;
const began = { at: Date.now(), now: 1_750_000_000 };

type Wire = { intervalId: number; importWh: number; exportWh: number; signature: Hex; quality: "measured" };

let folder: string;
let server: Server;
let gateway: string;
let isUp: boolean;
let accepted: Map<number, Wire>;
let onAccepted: () => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "commonwatt-meter-"));
  writeFileSync(join(folder, "device.key"), `${toHex(KEY)}\n`);
  isUp = false;
  accepted = new Map();
  onAccepted = () => {};
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method === "GET") {
        const now = Math.floor(began.now + ((Date.now() - began.at) / 1_000) * SPEED);
        return response.end(JSON.stringify({ ...place, now, clockSpeed: SPEED }));
      }
      if (!isUp) return response.writeHead(503).end();
      const { readings } = JSON.parse(Buffer.concat(chunks).toString()) as { readings: Wire[] };
      for (const reading of readings) accepted.set(reading.intervalId, reading);
      const answers = readings.map(({ intervalId }) => ({
        ...{ meterId: METER_ID, intervalId, status: "accepted", reason: null },
      }));
      response.end(JSON.stringify({ answers }));
      onAccepted();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

function startMeter() {
  const key = join(folder, "device.key");
  const args = ["meter", "--meter", METER_ID, "--key", key, "--gateway", gateway];
  return startCommonwatt([...args, "--simulate", "homewizard", "--every", "0.1", "--json"], {
    directory: folder,
  });
}

it("what was measured outlives a kill, and reaches the gateway when it is there again (R8.26)", async () => {
  const first = startMeter();
  const shown = Number((await first.line(/"intervalId":(\d+)/))[1]);
  first.process.kill("SIGKILL");
  await first.finished;
  expect(accepted.size).toBe(0);

  isUp = true;
  const both = new Promise<void>((resolve) => {
    onAccepted = () => {
      if (Math.max(...accepted.keys()) > shown + 2) resolve();
    };
  });
  const second = startMeter();
  await both;
  second.process.kill("SIGTERM");
  expect((await second.finished).exitCode).toBe(0);

  // The interval that was on disk, all that ran while nobody read, and those after: each once, under the device's signature.
  const ids = [...accepted.keys()].sort((a, b) => a - b);
  expect(ids[0]).toBeLessThanOrEqual(shown);
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => (ids[0] as number) + i));
  const separator = ledgerSeparator(place.chainId, place.meterLedger);
  for (const { signature, ...reading } of accepted.values()) {
    const signed = {
      ...reading,
      meterId: METER_ID,
      areaId: 1,
      member: 4,
      version: 1,
      signature: fromHex(signature),
    };
    expect(readingSigner(signed, separator)).toBe(addressOfKey(KEY));
  }
});

it("a second process does not read the same meter", async () => {
  const first = startMeter();
  await first.line(/"intervalId"/);
  const second = await startMeter().finished;
  expect(second.exitCode).toBe(1);
  expect(second.stderr).toContain("one process at a time");
  first.process.kill("SIGTERM");
  await first.finished;
});
