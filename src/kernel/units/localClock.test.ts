import { describe, expect, it } from "vitest";
import { createLocalClock } from "./localClock.ts";

/** Seconds of a local time as written. */
function local(text: string): number {
  return Date.parse(`${text}Z`) / 1_000;
}

/** Hours of a local calendar day: those from its midnight to the next. */
function hoursOf(zone: string, day: string, next: string): number {
  const clock = createLocalClock(zone);
  return (clock.instantsOf(local(`${next}T00:00`))[0]! - clock.instantsOf(local(`${day}T00:00`))[0]!) / 3_600;
}

describe("a local clock", () => {
  it.each([
    ["Europe/Berlin", "2025-03-30", "2025-03-31", 23],
    ["Europe/Berlin", "2025-10-26", "2025-10-27", 25],
    ["Australia/Sydney", "2011-10-02", "2011-10-03", 23],
    ["Australia/Sydney", "2012-04-01", "2012-04-02", 25],
    ["America/New_York", "2025-03-09", "2025-03-10", 23],
    ["America/New_York", "2025-11-02", "2025-11-03", 25],
    ["Asia/Kolkata", "2025-03-30", "2025-03-31", 24],
  ])("of %s gives %s its hours", (zone, day, next, hours) => {
    expect(hoursOf(zone, day, next)).toBe(hours);
  });

  it("finds no instant in a skipped hour and two, the earlier first, in a repeated one", () => {
    const clock = createLocalClock("Europe/Berlin");
    expect(clock.instantsOf(local("2025-03-30T02:30"))).toEqual([]);
    expect(clock.instantsOf(local("2025-10-26T02:30"))).toEqual([
      local("2025-10-26T00:30"),
      local("2025-10-26T01:30"),
    ]);
    expect(clock.instantsOf(local("2025-07-01T12:00"))).toEqual([local("2025-07-01T10:00")]);
  });

  it("knows the offset without daylight saving on both hemispheres", () => {
    expect(createLocalClock("Europe/Berlin").standardOffsetAt(local("2025-07-01T00:00"))).toBe(3_600);
    expect(createLocalClock("Australia/Sydney").standardOffsetAt(local("2011-12-01T00:00"))).toBe(36_000);
  });
});
