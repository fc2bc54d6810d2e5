import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type SignedReading, signReading } from "#domains/metering/rules/meterReading.ts";
import { type ArchivedOrder, openOrderArchive } from "#domains/pool/orderArchive.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { ArchiveDamagedError } from "#platform/store/archive.ts";
import { ordinaryOrders } from "#platform/store/marketHistory.fixture.ts";
import { openReadingArchive } from "./readingArchive.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-archive-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const intervalSecondsOf = () => 900;
const open = () => openReadingArchive({ directory, intervalSecondsOf });

/** Two readings of each interval. */
function readingsOf(...intervalIds: number[]): SignedReading[] {
  return intervalIds.flatMap((intervalId) =>
    [4, 6].map((member) =>
      signReading(
        {
          ...{ meterId: toHex(wordOf(member)), member, areaId: 1, intervalId },
          ...{ importWh: 100 * member, exportWh: 0, quality: "measured", version: 1 },
        },
        new Uint8Array(32),
        wordOf(1_000 + member),
      ),
    ),
  );
}

test("readings come back as they were signed, in a file for each UTC day", () => {
  const readings = readingsOf(100, 101, 196);
  open().append(readings.slice(0, 3));
  open().append(readings.slice(3));
  expect(readdirSync(directory).sort()).toEqual(["area-1-1970-01-02.archive", "area-1-1970-01-03.archive"]);
  expect([...open().all()]).toEqual(readings);
  expect(open().readingsOf(1, 101)).toEqual(readings.slice(2, 4));
  expect(open().readingsOf(2, 101)).toEqual([]);
});

test("a last packet that a crash left unfinished is cut off with a notice, and the archive goes on", () => {
  const readings = readingsOf(100, 101);
  open().append(readings.slice(0, 2));
  const path = join(directory, "area-1-1970-01-02.archive");
  appendFileSync(path, readFileSync(path).subarray(0, 40));
  const archive = open();
  archive.append(readings.slice(2));
  expect(archive.notices).toHaveLength(1);
  expect([...open().all()]).toEqual(readings);
  expect(open().notices).toEqual([]);
});

test("who looks on changes nothing, passes over a packet that is being written, and sees what comes later", () => {
  const readings = readingsOf(100, 101);
  const writer = open();
  const path = join(directory, "area-1-1970-01-02.archive");
  const reader = openReadingArchive({ directory, intervalSecondsOf, isReadOnly: true });
  expect([...reader.all()]).toEqual([]);
  writer.append(readings.slice(0, 2));
  const whole = readFileSync(path);
  const torn = Buffer.concat([whole, whole.subarray(0, 40)]);
  writeFileSync(path, torn);
  expect(reader.readingsOf(1, 100)).toEqual(readings.slice(0, 2));
  expect(readFileSync(path)).toEqual(torn);
  expect(reader.notices).toEqual([]);
  writeFileSync(path, whole);
  writer.append(readings.slice(2));
  expect([...reader.all()]).toEqual(readings);
});

test("a packet that was changed is named with its place, and nothing of its file is given", () => {
  const readings = readingsOf(100, 101);
  open().append(readings.slice(0, 2));
  const path = join(directory, "area-1-1970-01-02.archive");
  const second = readFileSync(path).length;
  open().append(readings.slice(2));
  const whole = readFileSync(path);
  for (const at of [second, second + 6, second + 10, whole.length - 1]) {
    const changed = Buffer.from(whole);
    changed.writeUInt8(changed.readUInt8(at) ^ 0x10, at);
    writeFileSync(path, changed);
    expect(() => [...open().all()]).toThrow(ArchiveDamagedError);
    expect(() => open().readingsOf(1, 100)).toThrow(`the packet at byte ${second} of ${path}`);
  }
});

test("cut off anywhere, an archive gives what was whole before and goes on", () => {
  const readings = readingsOf(100, 101);
  open().append(readings.slice(0, 2));
  const path = join(directory, "area-1-1970-01-02.archive");
  const second = readFileSync(path).length;
  open().append(readings.slice(2));
  const whole = readFileSync(path);
  for (let length = second; length < whole.length; length += 1) {
    writeFileSync(path, whole.subarray(0, length));
    const archive = open();
    expect([...archive.all()]).toEqual(readings.slice(0, 2));
    archive.append(readings.slice(2));
    expect([...open().all()]).toEqual(readings);
  }
});

test("orders of the desk come back with what became of them", () => {
  const orders = ordinaryOrders(100).map(
    (order, i): ArchivedOrder => ({
      ...order,
      areaId: 1,
      intervalId: 100,
      orderId: `0x${String(i).repeat(64)}`,
      receivedAt: 89_000,
      refusal: i === 0 ? "gateClosed" : null,
    }),
  );
  openOrderArchive({ directory, intervalSecondsOf }).append(orders);
  expect(openOrderArchive({ directory, intervalSecondsOf }).ordersOf(1, 100)).toEqual(orders);
});
