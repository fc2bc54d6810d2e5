import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ArchivedOrder, openOrderArchive } from "#domains/pool/orderArchive.ts";
import { ArchiveDamagedError } from "#platform/store/archive.ts";
import { createHistory, ordinaryOrders } from "#platform/store/marketHistory.fixture.ts";
import { openReadingArchive } from "./readingArchive.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-archive-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const intervalSecondsOf = () => 900;
const open = () => openReadingArchive({ directory, intervalSecondsOf });

function readingsOf(...intervalIds: number[]) {
  const history = createHistory();
  for (const intervalId of intervalIds) history.publish(intervalId, { 4: [450, 0], 6: [0, 650] });
  return history.readings;
}

test("readings come back as they were signed, in a file for each UTC day", () => {
  const readings = readingsOf(100, 101, 196);
  open().append(readings.slice(0, 3));
  open().append(readings.slice(3));
  expect(readdirSync(directory).sort()).toEqual(["area-1-1970-01-02.jsonl", "area-1-1970-01-03.jsonl"]);
  expect([...open().all()]).toEqual(readings);
  expect(open().readingsOf(1, 101)).toEqual(readings.slice(2, 4));
  expect(open().readingsOf(2, 101)).toEqual([]);
});

test("a last line that a crash left unfinished is cut off with a notice, and the archive goes on", () => {
  const readings = readingsOf(100, 101);
  open().append(readings.slice(0, 2));
  appendFileSync(join(directory, "area-1-1970-01-02.jsonl"), '0123456789abcdef {"meterId":"0x');
  const archive = open();
  archive.append(readings.slice(2));
  expect(archive.notices).toHaveLength(1);
  expect([...open().all()]).toEqual(readings);
  expect(open().notices).toEqual([]);
});

test("who looks on changes nothing, passes over a line that is being written, and sees what comes later", () => {
  const readings = readingsOf(100, 101);
  const writer = open();
  const path = join(directory, "area-1-1970-01-02.jsonl");
  const reader = openReadingArchive({ directory, intervalSecondsOf, isReadOnly: true });
  expect([...reader.all()]).toEqual([]);
  writer.append(readings.slice(0, 2));
  const whole = readFileSync(path, "utf8");
  const torn = '0123456789abcdef {"meterId":"0x';
  appendFileSync(path, torn);
  expect(reader.readingsOf(1, 100)).toEqual(readings.slice(0, 2));
  expect(readFileSync(path, "utf8")).toBe(whole + torn);
  expect(reader.notices).toEqual([]);
  writeFileSync(path, whole);
  writer.append(readings.slice(2));
  expect([...reader.all()]).toEqual(readings);
});

test("a line that was changed is named and nothing of its file is given", () => {
  open().append(readingsOf(100, 101));
  const path = join(directory, "area-1-1970-01-02.jsonl");
  writeFileSync(path, readFileSync(path, "utf8").replace('"exportWh":650', '"exportWh":651'));
  expect(() => [...open().all()]).toThrow(ArchiveDamagedError);
  expect(() => open().readingsOf(1, 100)).toThrow(/line 2 of/);
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
