import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { energyByInterval } from "./energyByInterval.ts";
import { CLOCK_TOLERANCE_SECONDS } from "./mendClock.ts";
import { type Reconciled, reconcileSession } from "./reconcileSession.ts";
import type { SessionRecord } from "./sessionRecord.ts";
import { BEGIN, record } from "./sessionRecords.fixture.ts";

const RATED_W = 22_000;
const LATER = { now: BEGIN + 30 * 86_400, ratedW: RATED_W };

/** A session as it was: readings at times after BEGIN, each step at less than the rating. */
const truth = fc
  .array(fc.record({ seconds: fc.integer({ min: 60, max: 900 }), powerW: fc.nat(RATED_W) }), {
    minLength: 3,
    maxLength: 40,
  })
  .map((steps) => {
    const readings = [{ at: 0, registerWh: 5_000_000n }];
    for (const { seconds, powerW } of steps) {
      const { at, registerWh } = readings.at(-1)!;
      const energyWh = BigInt(Math.floor((seconds * powerW) / 3_600));
      readings.push({ at: at + seconds, registerWh: registerWh + energyWh });
    }
    return readings;
  });

type Truth = { at: number; registerWh: bigint }[];

function toRecords(readings: Truth): SessionRecord[] {
  return readings.map(({ at, registerWh }, i) =>
    record(i === 0 ? "start" : i === readings.length - 1 ? "stop" : "meter", at, { registerWh }),
  );
}

const energyOf = (readings: Truth) => readings.at(-1)!.registerWh - readings[0]!.registerWh;
const lengthOf = (readings: Truth) => readings.at(-1)!.at;

function sessionOf(result: Reconciled) {
  expect(result.kind).toBe("session");
  return (result as Reconciled & { kind: "session" }).session;
}

/** The records with another clock, and received when they were made, up to 20 s later. */
function withClock(records: readonly SessionRecord[], error: number): SessionRecord[] {
  return records.map((each, i) => ({
    ...each,
    at: each.at + error,
    receivedAt: each.at + ((i * 7) % 20),
    registers: each.registers.map(({ at, registerWh }) => ({ at: at + error, registerWh })),
  }));
}

describe("what a station says of a session is one session", () => {
  it("with all of its energy, whatever its clock says, when it is live", () => {
    const error = fc.integer({ min: -21_600, max: 21_600 });
    fc.assert(
      fc.property(truth, error, (readings, clock) => {
        // A shorter session has no two messages that would show a clock behind.
        fc.pre(lengthOf(readings) > 2 * CLOCK_TOLERANCE_SECONDS);
        const session = sessionOf(reconcileSession(withClock(toRecords(readings), clock), LATER));
        expect(session.energyWh).toBe(energyOf(readings));
        expect(Math.abs(session.startedAt - BEGIN)).toBeLessThanOrEqual(CLOCK_TOLERANCE_SECONDS);
        expect(session.endedAt).toBeLessThanOrEqual(BEGIN + lengthOf(readings) + 20);
      }),
    );
  });

  it("at its own times when it is sent after hours offline, all at once or from the middle on", () => {
    fc.assert(
      fc.property(truth, fc.integer({ min: 0, max: 172_800 }), fc.nat(40), (readings, delay, from) => {
        const back = BEGIN + (readings[Math.min(from, readings.length - 1)]!.at ?? 0) + delay;
        const records = toRecords(readings).map((each) => ({
          ...each,
          receivedAt: Math.max(each.receivedAt, back),
        }));
        const session = sessionOf(reconcileSession(records, LATER));
        expect(session.energyWh).toBe(energyOf(readings));
        expect([session.startedAt, session.endedAt]).toEqual([BEGIN, BEGIN + lengthOf(readings)]);
      }),
    );
  });

  it("the same in whatever order its messages come, and however often", () => {
    fc.assert(
      fc.property(truth, fc.infiniteStream(fc.nat(1_000)), fc.nat(3), (readings, keys, repeats) => {
        const records = toRecords(readings);
        const again = records.flatMap((each, i) =>
          Array.from({ length: i % (repeats + 1) }, () => ({ ...each, receivedAt: each.receivedAt + 400 })),
        );
        const mixed = [...records, ...again]
          .map((each) => ({ each, key: keys.next().value! }))
          .sort((one, other) => one.key - other.key)
          .map(({ each }) => each);
        const { notes: _, ...session } = sessionOf(reconcileSession(mixed, LATER));
        const { notes: __, ...expected } = sessionOf(reconcileSession(records, LATER));
        expect(session).toEqual(expected);
      }),
    );
  });

  it("with all of its energy when any readings between are lost", () => {
    fc.assert(
      fc.property(truth, fc.infiniteStream(fc.boolean()), (readings, lost) => {
        const records = toRecords(readings).filter(({ kind }) => kind !== "meter" || !lost.next().value);
        const session = sessionOf(reconcileSession(records, LATER));
        expect(session.energyWh).toBe(energyOf(readings));
      }),
    );
  });

  it("from reading to reading when the end is missing, or an exception when the start is", () => {
    fc.assert(
      fc.property(truth, (readings) => {
        const records = toRecords(readings);
        const withoutStop = sessionOf(reconcileSession(records.slice(0, -1), LATER));
        expect(withoutStop.energyWh).toBe(readings.at(-2)!.registerWh - readings[0]!.registerWh);
        expect(withoutStop.notes).toContain("stopMissing");
        expect(reconcileSession(records.slice(1), LATER)).toMatchObject({
          kind: "exception",
          exception: { reason: "driverUnknown" },
        });
        const named = records.slice(1).map((each) => ({ ...each, idToken: "driver-1" }));
        const withoutStart = sessionOf(reconcileSession(named, LATER));
        expect(withoutStart.energyWh).toBe(readings.at(-1)!.registerWh - readings[1]!.registerWh);
        expect(withoutStart.notes).toContain("startMissing");
      }),
    );
  });

  it("whose energy by interval adds up to its energy", () => {
    fc.assert(
      fc.property(truth, fc.constantFrom(300, 900, 1_800, 3_600), (readings, length) => {
        const session = sessionOf(reconcileSession(toRecords(readings), LATER));
        const parts = energyByInterval(session.readings, length);
        expect(parts.reduce((sum, { energyWh }) => sum + energyWh, 0n)).toBe(session.energyWh);
        expect(parts.every(({ energyWh }) => energyWh >= 0n)).toBe(true);
        expect(parts.map(({ intervalId }) => intervalId)).toEqual(
          parts.map((_, i) => parts[0]!.intervalId + i),
        );
        // No interval has more than the rating gives in it, but for what rounding moves over its bounds.
        for (const { energyWh } of parts)
          expect(Number(energyWh)).toBeLessThanOrEqual((RATED_W * length) / 3_600 + 1);
      }),
    );
  });
});

it("anything else that a station may say is a session, open, or an exception by name", () => {
  const anything = fc.array(
    fc.record({
      kind: fc.constantFrom("start", "meter", "state", "stop" as const),
      at: fc.integer({ min: -900_000, max: 900_000 }),
      late: fc.integer({ min: -100_000, max: 900_000 }),
      registerWh: fc.bigInt({ min: 0n, max: 50_000n }),
      sequence: fc.option(fc.nat(5)),
      isOffline: fc.option(fc.boolean()),
    }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(anything, (said) => {
      const records = said.map(({ kind, at, late, ...more }) =>
        record(kind as SessionRecord["kind"], at, { ...more, receivedAt: BEGIN + at + late }),
      );
      const result = reconcileSession(records, LATER);
      if (result.kind !== "session") return;
      const { startedAt, endedAt, readings, energyWh, idle } = result.session;
      expect(startedAt).toBeLessThanOrEqual(endedAt);
      expect(energyWh).toBe(readings.at(-1)!.registerWh - readings[0]!.registerWh);
      expect(energyWh >= 0n).toBe(true);
      const times = [startedAt, ...readings.map(({ at }) => at), endedAt];
      expect([...times].sort((one, other) => one - other)).toEqual(times);
      for (const { from, to } of idle) expect(startedAt <= from && from < to && to <= endedAt).toBe(true);
      const newest = Math.max(...records.map(({ receivedAt }) => receivedAt));
      expect(endedAt).toBeLessThanOrEqual(newest);
    }),
  );
});
