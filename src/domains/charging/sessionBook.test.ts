import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSessionBook, type SessionBook, type Settled } from "./sessionBook.ts";
import { BEGIN, record } from "./sessions/sessionRecords.fixture.ts";

const HOUR = 3_600;
const ratedW = () => 22_000;

async function settle(book: SessionBook): Promise<Settled[]> {
  const settled: Settled[] = [];
  await book.settle({ ratedW, deliver: (each) => void settled.push(each) });
  return settled;
}
const START = { stationId: "station-1", evseId: 1, at: BEGIN, registerWh: 1_000n, idToken: "driver-1" };

let directory: string;
let now: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-sessions-"));
  now = BEGIN;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));
const open = () => openSessionBook(directory, () => now);

it("knows sessions, their numbers and where they run after a restart", async () => {
  const book = open();
  const sessionId = String(book.numberOf(START));
  await book.keep(record("start", 0, { sessionId, registerWh: 1_000n }));
  const again = open();
  expect(String(again.numberOf(START))).toBe(sessionId);
  expect(again.numberOf({ ...START, at: BEGIN + 1 })).toBe(Number(sessionId) + 1);
  expect(again.runningAt("station-1", 1)).toBe(sessionId);
  expect(again.unsettled()).toEqual(book.unsettled());
});

it("gives each session out once, over restarts too, and opens none again", async () => {
  const book = open();
  await book.keep(record("start", 0, { registerWh: 1_000n }));
  await book.keep(record("stop", HOUR, { registerWh: 4_600n }));
  expect(await settle(book)).toEqual([]);
  now += 2 * HOUR;
  expect(await settle(book)).toMatchObject([{ kind: "session", session: { energyWh: 3_600n } }]);
  expect(await settle(book)).toEqual([]);
  const again = open();
  expect(await settle(again)).toEqual([]);
  expect(await again.keep(record("meter", 600, { registerWh: 2_000n }))).toBe("afterSettlement");
  expect(again.unsettled()).toEqual([]);
});

it("charges for no part of a register twice", async () => {
  const book = open();
  const session = async (sessionId: string, from: bigint, to: bigint) => {
    await book.keep(record("start", 0, { sessionId, registerWh: from }));
    await book.keep(record("stop", HOUR, { sessionId, registerWh: to }));
  };
  await session("1", 1_000n, 2_000n);
  await session("2", 1_999n, 3_000n);
  await session("3", 2_000n, 3_000n);
  now += 2 * HOUR;
  expect(await settle(book)).toMatchObject([
    { kind: "session", session: { sessionId: "1" } },
    { kind: "exception", exception: { sessionId: "2", reason: "registerOverlap" } },
    { kind: "session", session: { sessionId: "3" } },
  ]);
});

it("bounds what one station may have it remember", async () => {
  const book = open();
  const flood = Array.from({ length: 600 }, (_, i) =>
    book.keep(record("meter", i, { sessionId: `session-${i}`, registerWh: 1n })),
  );
  const results = await Promise.allSettled(flood);
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(512);
  await book.keep(record("start", 0, { stationId: "station-2", registerWh: 1n }));
});

it("gives a session out again whose delivery failed", async () => {
  const book = open();
  await book.keep(record("start", 0, { registerWh: 1_000n }));
  await book.keep(record("stop", HOUR, { registerWh: 4_600n }));
  now += 2 * HOUR;
  const failing = book.settle({ ratedW, deliver: () => Promise.reject(new Error("no disk")) });
  await expect(failing).rejects.toThrow("no disk");
  expect(await settle(open())).toHaveLength(1);
});

it("gives no number again that it has forgotten", async () => {
  const book = open();
  const number = book.numberOf(START);
  await book.keep(record("start", 0, { sessionId: String(number), registerWh: 1_000n }));
  now += 30 * 24 * HOUR;
  expect(open().numberOf({ ...START, at: now })).toBeGreaterThan(number);
});
