import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FRESH_CLOCK } from "#domains/metering/rules/meterClock.ts";
import { ledgerSeparator, type SignedReading, signReading } from "#domains/metering/rules/meterReading.ts";
import { FRESH_REGISTERS } from "#domains/metering/rules/registerIntervals.ts";
import { wordOf } from "#kernel/crypto/hex.ts";
import { handInAll } from "./handIn.ts";
import { PLACE } from "./meterPlace.fixture.ts";
import { MeterMovedError, openOutbox } from "./outbox.ts";

const key = wordOf(99);
const progress = { registers: FRESH_REGISTERS, clock: FRESH_CLOCK };

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "commonwatt-outbox-"));
  path = join(folder, "outbox");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function reading(intervalId: number): SignedReading {
  const { meterId, areaId, member, chainId, meterLedger } = PLACE;
  const value = { importWh: intervalId, exportWh: 0, quality: "measured", version: 1 } as const;
  return signReading(
    { meterId, areaId, member, intervalId, ...value },
    ledgerSeparator(chainId, meterLedger),
    key,
  );
}

it("readings outlive the process, the oldest first, until they are acknowledged (R8.26)", async () => {
  const before = openOutbox(path, PLACE);
  await before.keep({ ...progress, clock: { offsets: [3] } }, [reading(12), reading(11)]);
  await before.keep({ ...progress, clock: { offsets: [4] } }, []);
  before.settle([12], []);
  // Nothing is closed: the process is gone.
  const after = openOutbox(path, PLACE);
  expect(after.pending()).toEqual([reading(11)]);
  expect(after.progress().clock.offsets).toEqual([4]);
  after.settle([], [{ intervalId: 11, reason: "alreadyPublished" }]);
  const last = openOutbox(path, PLACE);
  expect(last.pending()).toEqual([]);
  expect(last.refused()).toEqual([{ intervalId: 11, reason: "alreadyPublished" }]);
  for (const each of [before, after, last]) await each.close();
});

it("an outbox of another metering point is not gone on with", async () => {
  await openOutbox(path, PLACE).close();
  expect(() => openOutbox(path, { ...PLACE, areaId: 2 })).toThrow(MeterMovedError);
});

it("is written anew when it is long, and loses nothing by it", async () => {
  const outbox = openOutbox(path, PLACE);
  const long = { ...progress, clock: { offsets: Array.from({ length: 15 }, () => 0.123456789012) } };
  await outbox.keep(progress, [reading(1)]);
  for (let i = 0; i < 14_000; i += 1) await outbox.keep(long, []);
  expect(statSync(path).size).toBeLessThan(4_200_000);
  await outbox.close();
  const again = openOutbox(path, PLACE);
  expect(again.pending()).toEqual([reading(1)]);
  await again.close();
});

it("hands in until all is acknowledged: a gateway that fails, answers in part, and waits for an enrolment", async () => {
  const outbox = openOutbox(path, PLACE);
  await outbox.keep(progress, [1, 2, 3].map(reading));
  const stop = new AbortController();
  const said: string[] = [];
  let calls = 0;
  const answers = [
    () => [{ intervalId: 1, reason: null }],
    () => [
      { intervalId: 2, reason: "duplicateReading" },
      { intervalId: 3, reason: "unknownMeter" },
      { intervalId: 77, reason: null },
    ],
    () => {
      stop.abort();
      return [{ intervalId: 3, reason: null }];
    },
  ];
  const gateway = {
    handIn: async () => (answers[calls++] ?? (() => []))(),
    close: async () => {},
  };
  await handInAll({
    outbox,
    gateway,
    signal: stop.signal,
    news: async () => {},
    say: (each) => void said.push(each),
  });
  expect(outbox.pending()).toEqual([]);
  expect(outbox.refused()).toEqual([{ intervalId: 2, reason: "duplicateReading" }]);
  expect(said).toEqual(["interval 2 is refused: duplicateReading"]);
  await outbox.close();
});
