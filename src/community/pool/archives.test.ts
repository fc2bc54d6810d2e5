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

function reading(member: number, intervalId: number): SignedReading {
  const values = { importWh: member, exportWh: 0, quality: "measured" as const, version: 1 };
  const meter = { meterId: toHex(wordOf(member)), member, areaId: 1, intervalId };
  return signReading({ ...meter, ...values }, wordOf(1), wordOf(member));
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
  await archives.keepDropped([{ order: ORDER, refusal: "MarginsFallShort" }]);
  const expected = [
    { ...ORDER, refusal: "MarginsFallShort" },
    { ...other, refusal: null },
  ];
  expect(orders.ordersOf(1, 100)).toEqual(expected);
  expect(openBoth().orders.ordersOf(1, 100)).toEqual(expected);
  expect([...openBoth().orders.all()]).toEqual(expected);
});

it("keeps readings over a restart, one file write for those that come together", async () => {
  const { archives } = openBoth();
  await Promise.all([archives.keepReading(reading(4, 100)), archives.keepReading(reading(5, 100))]);
  await archives.keepReading(reading(4, 101));
  const again = openBoth();
  expect(again.archives.keptReadings(100)).toEqual([reading(4, 100), reading(5, 100)]);
  expect([...again.readings.all()]).toHaveLength(3);
});
