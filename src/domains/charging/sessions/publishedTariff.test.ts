import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { encodeAbiParameters, keccak256 } from "viem";
import { describe, expect, it } from "vitest";
import { toHex } from "#kernel/crypto/hex.ts";
import { invoiceSession } from "./invoice.ts";
import { clock, session, tariff } from "./invoices.fixture.ts";
import {
  invoiceHash,
  type PublishedTariff,
  packParts,
  publishTariff,
  statementTotalMicro,
  tariffHash,
  unpackParts,
} from "./publishedTariff.ts";
import { BEGIN } from "./sessionRecords.fixture.ts";
import { type SessionStatement, statementOf } from "./sessionStatement.ts";

const CASES = join(import.meta.dirname, "../../../../cases/session-charges");
const WEEK = 7 * 86_400;
const span = { clock, from: BEGIN - WEEK, until: BEGIN + WEEK };

describe("what a module says of a session", () => {
  it("costs what the session's invoice says", () => {
    fc.assert(
      fc.property(session, tariff, (of, by) => {
        const statement = statementOf(of);
        const { totalMicro } = invoiceSession(of, { tariff: by, clock });
        expect(statementTotalMicro(publishTariff(by, span), statement)).toBe(totalMicro);
        expect(statement.toWh - statement.fromWh).toBe(of.energyWh);
      }),
    );
  });

  it("has the energy of one instant in one part", () => {
    const at = BEGIN + 900;
    const readings = [
      { at, registerWh: 5n },
      { at, registerWh: 9n },
    ];
    const times = { startedAt: at, chargingEndedAt: at, endedAt: at, idle: [] };
    const of = { ...times, readings, energyWh: 4n, notes: [], evseId: 1, idToken: "a" };
    expect(statementOf({ ...of, stationId: "s", sessionId: "1" })).toEqual({
      startedAt: at,
      fromWh: 5n,
      toWh: 9n,
      parts: [{ energyWh: 4, chargingSeconds: 0, idleSeconds: 0 }],
    });
  });

  it("is packed and unpacked", () => {
    fc.assert(
      fc.property(session, (of) => {
        const { parts } = statementOf(of);
        expect(unpackParts(packParts(parts))).toEqual(parts);
      }),
    );
  });

  it("must add up to its register, in quarters of an hour", () => {
    const part = { energyWh: 4, chargingSeconds: 900, idleSeconds: 0 };
    const of: SessionStatement = { startedAt: BEGIN, fromWh: 0n, toWh: 4n, parts: [part] };
    const free = { nameHash: toHex(new Uint8Array(32)), sessionFeeMicro: 0n, idleGraceSeconds: 0 };
    const price = { fromMinute: 0, energyMicroPerKwh: 0n, timeMicroPerHour: 0n, idleMicroPerHour: 0n };
    const by = { ...free, prices: [price], offsets: [{ from: 0, offsetSeconds: 0 }] };
    expect(() => statementTotalMicro(by, { ...of, toWh: 5n })).toThrow("its parts are 4 Wh");
    expect(() => statementTotalMicro(by, { ...of, parts: [{ ...part, idleSeconds: 1 }] })).toThrow("longer");
    expect(() => statementTotalMicro({ ...by, offsets: [] }, of)).toThrow("no price");
  });

  it("leaves a hash that nobody finds without the salt", () => {
    const parts = [{ energyWh: 4, chargingSeconds: 9, idleSeconds: 0 }];
    const statement = { startedAt: BEGIN, fromWh: 0n, toWh: 4n, parts };
    const word = (byte: number) => toHex(new Uint8Array(32).fill(byte));
    const of = { session: word(1), totalMicro: 7n, statement };
    const hash = invoiceHash({ ...of, salt: word(2) });
    expect(invoiceHash({ ...of, salt: word(3) })).not.toBe(hash);
    expect(invoiceHash({ ...of, salt: word(2), totalMicro: 8n })).not.toBe(hash);
  });
});

describe("a tariff's hash", () => {
  it("is that of its struct in Solidity", () => {
    fc.assert(
      fc.property(tariff, (by) => {
        const published = publishTariff(by, span);
        expect(tariffHash(published)).toBe(keccak256(encodeAbiParameters([STRUCT], [published])));
      }),
    );
  });

  it("binds the offsets of the zone between two instants", () => {
    const by = { tariffId: "a", currency: "EUR", sessionFeeMicro: 0n, idleGraceSeconds: 0 };
    const price = { fromMinute: 0, energyMicroPerKwh: 0n, timeMicroPerHour: 0n, idleMicroPerHour: 0n };
    const from = Date.UTC(2026, 0, 5) / 1_000;
    const year = publishTariff({ ...by, prices: [price] }, { clock, from, until: from + 364 * 86_400 });
    expect(year.offsets).toEqual([
      { from: 0, offsetSeconds: 3_600 },
      { from: Date.UTC(2026, 2, 29, 1) / 1_000, offsetSeconds: 7_200 },
      { from: Date.UTC(2026, 9, 25, 1) / 1_000, offsetSeconds: 3_600 },
    ]);
  });
});

describe("golden cases", () => {
  it.each(readdirSync(CASES))("%s", (name) => {
    const input = readCase<Input>(name, "input.json");
    const { totalMicro } = readCase<{ totalMicro: number }>(name, "expected.json");
    expect(statementTotalMicro(tariffIn(input), statementIn(input))).toBe(BigInt(totalMicro));
  });
});

type Input = Record<"sessionFeeMicro" | "idleGraceSeconds" | "startedAt" | "fromWh" | "toWh", number> & {
  prices: Record<"fromMinute" | "energyMicroPerKwh" | "timeMicroPerHour" | "idleMicroPerHour", number[]>;
  offsets: Record<"from" | "offsetSeconds", number[]>;
  parts: Record<"energyWh" | "chargingSeconds" | "idleSeconds", number[]>;
};

function tariffIn({ sessionFeeMicro, idleGraceSeconds, prices, offsets }: Input): PublishedTariff {
  return {
    nameHash: toHex(new Uint8Array(32)),
    sessionFeeMicro: BigInt(sessionFeeMicro),
    idleGraceSeconds,
    prices: prices.fromMinute.map((fromMinute, i) => ({
      fromMinute,
      energyMicroPerKwh: BigInt(prices.energyMicroPerKwh[i]!),
      timeMicroPerHour: BigInt(prices.timeMicroPerHour[i]!),
      idleMicroPerHour: BigInt(prices.idleMicroPerHour[i]!),
    })),
    offsets: offsets.from.map((from, i) => ({ from, offsetSeconds: offsets.offsetSeconds[i]! })),
  };
}

function statementIn({ startedAt, fromWh, toWh, parts }: Input): SessionStatement {
  return {
    startedAt,
    fromWh: BigInt(fromWh),
    toWh: BigInt(toWh),
    parts: parts.energyWh.map((energyWh, i) => ({
      energyWh,
      chargingSeconds: parts.chargingSeconds[i]!,
      idleSeconds: parts.idleSeconds[i]!,
    })),
  };
}

function readCase<T>(name: string, file: string): T {
  return JSON.parse(readFileSync(join(CASES, name, file), "utf8")) as T;
}

const STRUCT = {
  type: "tuple",
  components: [
    { name: "nameHash", type: "bytes32" },
    { name: "sessionFeeMicro", type: "uint64" },
    { name: "idleGraceSeconds", type: "uint32" },
    {
      name: "prices",
      type: "tuple[]",
      components: [
        { name: "fromMinute", type: "uint16" },
        { name: "energyMicroPerKwh", type: "uint64" },
        { name: "timeMicroPerHour", type: "uint64" },
        { name: "idleMicroPerHour", type: "uint64" },
      ],
    },
    {
      name: "offsets",
      type: "tuple[]",
      components: [
        { name: "from", type: "uint40" },
        { name: "offsetSeconds", type: "int32" },
      ],
    },
  ],
} as const;
