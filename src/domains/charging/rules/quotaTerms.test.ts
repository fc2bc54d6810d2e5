import { describe, expect, it } from "vitest";
import { BOOK_TIMES, intervalsOfPeriod, periodOfDay, windowsOf } from "./quotaTerms.ts";

const at = (text: string) => Date.parse(`${text}Z`) / 1_000;
const SHANGHAI = { periodSeconds: 1_800, utcOffsetSeconds: 8 * 3_600 };

describe("windowsOf", () => {
  it("is the timeline of R9.3 for a delivery from 18:30", () => {
    const period = at("2026-05-04T18:30:00") / 1_800;
    expect(windowsOf(period, BOOK_TIMES)).toEqual({
      opensAt: at("2026-05-04T18:00:00"),
      demandEndsAt: at("2026-05-04T18:05:00"),
      allocationEndsAt: at("2026-05-04T18:07:00"),
      ordersEndAt: at("2026-05-04T18:10:00"),
      clearingEndsAt: at("2026-05-04T18:15:00"),
      startsAt: at("2026-05-04T18:30:00"),
      endsAt: at("2026-05-04T19:00:00"),
    });
  });

  it("sets the first period of a day on the day before (R9.2)", () => {
    const midnight = at("2026-05-05T00:00:00") / 1_800;
    expect(windowsOf(midnight, BOOK_TIMES).opensAt).toBe(at("2026-05-04T23:30:00"));
  });
});

describe("periodOfDay", () => {
  it("counts 48 periods from the local midnight (R9.2)", () => {
    const midnightInShanghai = at("2026-05-04T16:00:00") / 1_800;
    expect(periodOfDay(midnightInShanghai, SHANGHAI)).toBe(0);
    expect(periodOfDay(midnightInShanghai - 1, SHANGHAI)).toBe(47);
    expect(periodOfDay(midnightInShanghai + 48, SHANGHAI)).toBe(0);
  });
});

describe("intervalsOfPeriod", () => {
  it("parts a period into the area's intervals", () => {
    expect(intervalsOfPeriod(10, { periodSeconds: 1_800, intervalSeconds: 900 })).toEqual([20, 21]);
    expect(intervalsOfPeriod(10, { periodSeconds: 1_800, intervalSeconds: 1_800 })).toEqual([10]);
  });
});
