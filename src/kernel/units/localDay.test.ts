import { describe, expect, it } from "vitest";
import { createLocalClock } from "./localClock.ts";
import { localDay } from "./localDay.ts";

const seconds = (text: string) => Date.parse(text) / 1_000;

describe.each([
  ["Europe/Berlin", "2025-05-12T18:45:00+02:00", "2025-05-12T00:00:00+02:00", 24],
  ["Europe/Berlin", "2025-03-30T12:00:00+02:00", "2025-03-30T00:00:00+01:00", 23],
  ["Europe/Berlin", "2025-10-26T12:00:00+01:00", "2025-10-26T00:00:00+02:00", 25],
  ["America/New_York", "2025-05-12T23:59:59-04:00", "2025-05-12T00:00:00-04:00", 24],
  // Clocks in Cairo go from midnight straight to one o'clock.
  ["Africa/Cairo", "2025-04-25T12:00:00+03:00", "2025-04-25T01:00:00+03:00", 23],
])("in %s at %s", (zone, at, from, hours) => {
  it(`the day began ${from} and has ${hours} hours`, () => {
    const day = localDay(createLocalClock(zone), seconds(at));
    expect(day.from).toBe(seconds(from));
    expect((day.to - day.from) / 3_600).toBe(hours);
  });
});
