import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { energyByInterval } from "./energyByInterval.ts";
import { reconcileSession, SETTLE_AFTER_SECONDS, SILENCE_SECONDS } from "./reconcileSession.ts";
import type { SessionRecord } from "./sessionRecord.ts";
import { BEGIN, record } from "./sessionRecords.fixture.ts";

const CASES = fileURLToPath(new URL("../../../../cases/sessions", import.meta.url));
const HALF_HOUR = 1_800;

type Input = {
  now: number;
  ratedW: number;
  records: (Omit<Partial<SessionRecord>, "registers"> & { registers?: [number, string][] })[];
};

function read<Content>(name: string, file: string): Content {
  return JSON.parse(readFileSync(join(CASES, name, file), "utf8")) as Content;
}

function resultOf({ now, ratedW, records }: Input): unknown {
  const whole = records.map(({ registers = [], ...said }) => ({
    ...record(said.kind!, 0),
    evseId: null,
    idToken: null,
    ...said,
    registers: registers.map(([at, registerWh]) => ({ at, registerWh: BigInt(registerWh) })),
  }));
  const result = reconcileSession(whole, { now, ratedW });
  if (result.kind === "open") return result;
  if (result.kind === "exception") return { kind: "exception", reason: result.exception.reason };
  const { startedAt, endedAt, chargingEndedAt, energyWh, idle, notes, readings } = result.session;
  return {
    kind: "session",
    startedAt,
    endedAt,
    chargingEndedAt,
    energyWh: energyWh.toString(),
    idle: idle.map(({ from, to }) => [from, to]),
    notes,
    intervals: energyByInterval(readings, HALF_HOUR).map((each) => [
      each.intervalId,
      each.energyWh.toString(),
    ]),
  };
}

describe("the golden case", () => {
  it.each(readdirSync(CASES))("%s", (name) => {
    expect(resultOf(read<Input>(name, "input.json"))).toEqual(read(name, "expected.json"));
  });
});

it("a session is open until a quarter of an hour after its end, or a day after its last word", () => {
  const running = [record("start", 0, { registerWh: 0n }), record("meter", 600, { registerWh: 500n })];
  const ended = [...running, record("stop", 1_200, { registerWh: 900n })];
  const kindAt = (records: SessionRecord[], now: number) =>
    reconcileSession(records, { now: BEGIN + now, ratedW: 22_000 }).kind;
  expect(kindAt(ended, 1_201 + SETTLE_AFTER_SECONDS - 1)).toBe("open");
  expect(kindAt(ended, 1_201 + SETTLE_AFTER_SECONDS)).toBe("session");
  expect(kindAt(running, 601 + SILENCE_SECONDS - 1)).toBe("open");
  expect(kindAt(running, 601 + SILENCE_SECONDS)).toBe("session");
});
