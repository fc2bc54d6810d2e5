import { describe, expect, it } from "vitest";
import { createLocalClock } from "./localClock.ts";
import {
  type PeriodLength,
  periodEnd,
  periodStart,
  periodStarts,
  TooManyPeriodsError,
} from "./localPeriods.ts";

const berlin = createLocalClock("Europe/Berlin");
const utc = (text: string) => Date.parse(`${text}Z`) / 1_000;

describe("hours, days and months of a wall clock", () => {
  it.each([
    ["hour", "2025-05-12T09:40", "2025-05-12T09:00", "2025-05-12T10:00"],
    ["day", "2025-05-12T23:40", "2025-05-12T22:00", "2025-05-13T22:00"],
    ["month", "2025-04-30T22:30", "2025-04-30T22:00", "2025-05-31T22:00"],
    ["day", "2025-03-30T12:00", "2025-03-29T23:00", "2025-03-30T22:00"],
    ["month", "2025-12-31T23:30", "2025-12-31T23:00", "2026-01-31T23:00"],
  ] as const)("the %s of %s is from %s to %s", (of, at, from, to) => {
    expect(periodStart(berlin, utc(at), of)).toBe(utc(from));
    expect(periodEnd(berlin, utc(at), of)).toBe(utc(to));
  });

  it("begin at half past where the zone is half an hour off", () => {
    const kolkata = createLocalClock("Asia/Kolkata");
    expect(periodStart(kolkata, utc("2025-05-12T09:40"), "hour")).toBe(utc("2025-05-12T09:30"));
  });

  it.each(["hour", "day", "month"] as const)("follow one another without a gap over a year, by %s", (of) => {
    const [from, to] = [utc("2024-12-31T23:00"), utc("2025-12-31T23:00")];
    const starts = periodStarts(berlin, { from, to, of, most: 9_000 });
    expect(starts).toHaveLength({ hour: 8_760, day: 365, month: 12 }[of]);
    starts.slice(1).forEach((start, i) => {
      expect(periodEnd(berlin, starts[i]!, of)).toBe(start);
      expect(periodStart(berlin, start, of)).toBe(start);
      expect(periodStart(berlin, start - 1, of)).toBe(starts[i]);
    });
  });

  it("begin where the time begins, are none where it ends before, and are bounded", () => {
    const [from, to] = [utc("2025-05-12T09:40"), utc("2025-05-12T11:40")];
    const ask = (most: number, of: PeriodLength = "hour") => periodStarts(berlin, { from, to, of, most });
    expect(ask(3)).toEqual([from, utc("2025-05-12T10:00"), utc("2025-05-12T11:00")]);
    expect(periodStarts(berlin, { from: to, to: from, of: "hour", most: 3 })).toEqual([]);
    expect(() => ask(2)).toThrow(TooManyPeriodsError);
  });
});
