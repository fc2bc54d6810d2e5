import { describe, expect, it } from "vitest";
import { timeAfter } from "./durations.ts";
import { hasTranspired, timedIntervals } from "./eventIntervals.ts";
import { type AskedInterval, type FlexibleLoad, followIntervals } from "./simulatedLoad.ts";

/* Times of events, and a load that follows them. */

const at = (text: string) => Date.parse(text);

describe("durations", () => {
  it.each([
    ["2024-01-31T00:00:00Z", "PT1H30M", "2024-01-31T01:30:00Z"],
    ["2024-01-01T00:00:00Z", "P1M", "2024-02-01T00:00:00Z"],
    ["2024-02-29T12:00:00Z", "P1Y", "2025-03-01T12:00:00Z"],
    ["2024-03-01T00:00:00Z", "P2W", "2024-03-15T00:00:00Z"],
    ["2024-03-01T00:00:00Z", "P1DT0.5S", "2024-03-02T00:00:00.500Z"],
    ["2024-03-01T00:00:00Z", "-P1D", "2024-02-29T00:00:00Z"],
  ])("%s and %s are %s", (from, duration, until) => {
    expect(timeAfter(at(from), duration)).toBe(at(until));
  });

  it("P9999Y has no end", () => expect(timeAfter(0, "P9999Y")).toBe(Number.POSITIVE_INFINITY));
});

const event = (fields: object) => ({ createdDateTime: "2024-01-01T00:00:00.000Z", ...fields });
const payloads = (count: number) => Array.from({ length: count }, (_, id) => ({ id, payloads: [] }));
const timesOf = (fields: object) =>
  timedIntervals(event(fields)).map(({ startsAt, endsAt }) => [
    new Date(startsAt).toISOString().slice(11, 16),
    Number.isFinite(endsAt) ? new Date(endsAt).toISOString().slice(11, 16) : "never",
  ]);

describe("intervals of an event", () => {
  const hour = { start: "2024-01-01T10:00:00Z", duration: "PT1H" };

  it("come one after the other, unless one says when it begins or how long it is", () => {
    expect(timesOf({ intervalPeriod: hour, intervals: payloads(2) })).toEqual([
      ["10:00", "11:00"],
      ["11:00", "12:00"],
    ]);
    const [first, second, third] = payloads(3);
    const intervals = [
      { ...first, intervalPeriod: { duration: "PT15M" } },
      { ...second, intervalPeriod: { start: "2024-01-01T14:00:00Z" } },
      third,
    ];
    expect(timesOf({ intervalPeriod: hour, intervals })).toEqual([
      ["10:00", "10:15"],
      ["14:00", "15:00"],
      ["15:00", "16:00"],
    ]);
  });

  it("are repeated until the event is over, the last one cut off", () => {
    expect(timesOf({ duration: "PT150M", intervalPeriod: hour, intervals: payloads(1) })).toEqual([
      ["10:00", "11:00"],
      ["11:00", "12:00"],
      ["12:00", "12:30"],
    ]);
  });

  it("begin with the creation where they begin now, and have no times where none are said", () => {
    const now = { start: "0001-01-01T00:00:00", duration: "P9999Y" };
    expect(timesOf({ intervalPeriod: now, intervals: payloads(1) })).toEqual([["00:00", "never"]]);
    expect(timesOf({ intervals: payloads(1) })).toEqual([]);
  });

  it("have transpired when the last is over", () => {
    const timed = event({ intervalPeriod: hour, intervals: payloads(2) });
    expect(hasTranspired(timed, at("2024-01-01T11:59:59Z"))).toBe(false);
    expect(hasTranspired(timed, at("2024-01-01T12:00:00Z"))).toBe(true);
    expect(hasTranspired(event({ intervals: payloads(1) }), at("2100-01-01T00:00:00Z"))).toBe(false);
    expect(hasTranspired(event({ intervalPeriod: hour }), at("2024-01-01T11:00:00Z"))).toBe(true);
  });
});

describe("a simulated load", () => {
  const load: FlexibleLoad = { seed: 3, ratedW: 8_000, flexibleShare: 0.4 };
  const asked = (type: string, values: readonly number[]): AskedInterval[] =>
    values.map((value, i) => ({
      startsAt: i * 900,
      endsAt: (i + 1) * 900,
      payloads: [{ type, values: [value] }],
    }));
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);

  it("is the same for a seed, and another for another", () => {
    const follow = (seed: number) => followIntervals({ ...load, seed }, asked("SIMPLE", [0, 0, 0, 0]));
    expect(follow(3)).toEqual(follow(3));
    expect(follow(4).map(({ baselineWh }) => baselineWh)).not.toEqual(
      follow(3).map(({ baselineWh }) => baselineWh),
    );
    for (const { baselineWh, usedWh } of follow(3)) expect(usedWh).toBe(baselineWh);
  });

  it.each(["PRICE", "GHG"])(
    "moves energy to where %s is lowest, and keeps its sum (R2.63, R6.15)",
    (type) => {
      const followed = followIntervals(load, asked(type, [3, 4, 1, 2]));
      const [used, natural] = [
        followed.map(({ usedWh }) => usedWh),
        followed.map(({ baselineWh }) => baselineWh),
      ];
      expect(Math.abs(sum(used) - sum(natural))).toBeLessThanOrEqual(2);
      expect(used[1]).toBeLessThan(natural[1] ?? 0);
      expect(used[2]).toBeGreaterThan(natural[2] ?? 0);
      expect(Math.max(...used)).toBeLessThanOrEqual(2_000);
    },
  );

  it("keeps to a limit, a level and a setpoint (R2.63)", () => {
    for (const { usedWh } of followIntervals(load, asked("IMPORT_CAPACITY_LIMIT", [2, 2])))
      expect(usedWh).toBe(500);
    for (const { usedWh } of followIntervals(load, asked("DISPATCH_SETPOINT", [4, 4])))
      expect(usedWh).toBe(1_000);
    for (const { usedWh, baselineWh } of followIntervals(load, asked("SIMPLE", [2, 2])))
      expect(Math.abs(usedWh - baselineWh / 2)).toBeLessThanOrEqual(0.5);
  });

  it("does as it would of its own accord where prices are all alike", () => {
    for (const { usedWh, baselineWh } of followIntervals(load, asked("PRICE", [2, 2])))
      expect(usedWh).toBe(baselineWh);
  });
});
