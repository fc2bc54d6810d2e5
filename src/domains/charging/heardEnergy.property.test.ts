import fc from "fast-check";
import { expect, it } from "vitest";
import { createHeardEnergy } from "./heardEnergy.ts";
import type { SessionRecord } from "./sessions/sessionRecord.ts";

const SESSION = { stationId: "one", sessionId: "7", evseId: 1, sequence: null, idToken: "t" } as const;

function record(
  receivedAt: number,
  registers: readonly number[],
  more: Partial<SessionRecord> = {},
): SessionRecord {
  return {
    ...{ ...SESSION, kind: "meter", at: 5, receivedAt, isOffline: null, state: null, reason: null },
    registers: registers.map((each) => ({ at: 5, registerWh: BigInt(each) })),
    ...more,
  };
}

it("counts a register's rise when it is heard, by our clock alone", () => {
  const heard = createHeardEnergy();
  heard.take(record(100, [1_000]));
  heard.take(record(899, [1_200]));
  heard.take(record(900, [1_500], { at: 10_000 }));
  heard.take(record(950, [90_000], { sessionId: "8" }));
  heard.take(record(960, [90_040], { sessionId: "8" }));
  heard.take(record(960, [5_000], { stationId: "other" }));
  expect(heard.energyWh("one", { from: 0, until: 900 })).toBe(200n);
  expect(heard.energyWh("one", { from: 900, until: 1_800 })).toBe(340n);
  expect(heard.energyWh("other", { from: 0, until: 1_800 })).toBe(0n);
});

it("counts all of a session once, in whatever order and however often it is heard", () => {
  const registers = fc.array(fc.tuple(fc.nat(8_000), fc.nat(20_000)), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(registers, (list) => {
      const heard = createHeardEnergy();
      for (const [receivedAt, registerWh] of [...list, ...list]) heard.take(record(receivedAt, [registerWh]));
      const all = list.map(([, registerWh]) => registerWh);
      let sum = 0n;
      for (let from = 0; from <= 8_000; from += 900)
        sum += heard.energyWh("one", { from, until: from + 900 });
      expect(sum).toBe(BigInt(Math.max(...all) - Math.min(...all)));
    }),
  );
});
