import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { type SignedReading, signReading } from "#domains/metering/rules/meterReading.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import type { OpenOrder } from "#domains/pool/orderDesk.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { archivesOf } from "./archives.ts";

const place = { intervalSecondsOf: () => 900 };
const ORDER: OpenOrder = {
  participant: 4,
  side: "bid",
  energyWh: 500,
  limitPriceMicroPerKwh: -3,
  sequence: 2,
  areaId: 1,
  intervalId: 100,
  signature: new Uint8Array(64).fill(7),
  orderId: toHex(wordOf(9)),
  receivedAt: 89_000,
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-archives-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function openBoth() {
  const readings = openReadingArchive({ directory: join(directory, "readings"), ...place });
  const orders = openOrderArchive({ directory: join(directory, "orders"), ...place });
  return { readings, orders, archives: archivesOf({ readings, orders, areaId: 1 }) };
}

function reading(account: number, intervalId: number): SignedReading {
  const values = { importWh: account, exportWh: 0, quality: "measured" as const, version: 1 };
  const meter = { meterId: toHex(wordOf(account)), account, areaId: 1, intervalId };
  return signReading({ ...meter, ...values }, wordOf(1), wordOf(account));
}

it("keeps accepted orders over a restart", async () => {
  await openBoth().archives.keepOrder(ORDER);
  expect([...openBoth().orders.all()]).toEqual([{ ...ORDER, refusal: null }]);
});

it("says of an order that the chain refused why, in its old place", async () => {
  const { archives, orders } = openBoth();
  const other = { ...ORDER, orderId: toHex(wordOf(10)), sequence: 3 };
  await archives.keepOrder(ORDER);
  await archives.keepOrder(other);
  await archives.keepDropped([{ order: ORDER, refusal: "InsufficientMargin" }]);
  const expected = [
    { ...ORDER, refusal: "InsufficientMargin" },
    { ...other, refusal: null },
  ];
  expect(orders.ordersOf(1, 100)).toEqual(expected);
  expect(openBoth().orders.ordersOf(1, 100)).toEqual(expected);
  expect([...openBoth().orders.all()]).toEqual(expected);
});

it("keeps a reading once, though it comes again after a crash", async () => {
  await openBoth().archives.keepReadings([reading(4, 100), reading(5, 100)]);
  const { archives, readings } = openBoth();
  await archives.keepReadings([reading(4, 100), reading(5, 100), reading(6, 100)]);
  await archives.keepReadings([reading(4, 101)]);
  expect(readings.readingsOf(1, 100).map(({ account }) => account)).toEqual([4, 5, 6]);
  expect([...readings.all()]).toHaveLength(4);
});

it("recognises each of several intervals that were under way", async () => {
  const before = openBoth().archives;
  await before.keepReadings([reading(4, 100)]);
  await before.keepReadings([reading(4, 101)]);
  const { archives, readings } = openBoth();
  await archives.keepReadings([reading(4, 100)]);
  await archives.keepReadings([reading(4, 101)]);
  expect([...readings.all()]).toHaveLength(2);
});
