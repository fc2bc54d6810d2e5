import { describe, expect, it } from "vitest";
import { dateAt, dayStarts, monthsOf, readDate, spanAround, startOfDate } from "./span.ts";

const BERLIN = "Europe/Berlin";

describe("a span of local days", () => {
  it("begins weeks on Monday, months and years on their first", () => {
    expect(spanAround("day", "2025-03-30")).toMatchObject({ firstDate: "2025-03-30", endDate: "2025-03-31" });
    expect(spanAround("week", "2025-03-30")).toMatchObject({
      firstDate: "2025-03-24",
      endDate: "2025-03-31",
    });
    expect(spanAround("week", "2025-03-31").firstDate).toBe("2025-03-31");
    expect(spanAround("month", "2024-02-29")).toMatchObject({
      endDate: "2024-03-01",
      previousDate: "2024-01-01",
    });
    expect(spanAround("year", "2024-02-29")).toMatchObject({
      firstDate: "2024-01-01",
      endDate: "2025-01-01",
    });
  });

  it("begins a day when the zone's clock says so, also where the clock is changed", () => {
    const iso = (date: string, zone: string) => new Date(startOfDate(date, zone) * 1_000).toISOString();
    expect(iso("2025-01-15", BERLIN)).toBe("2025-01-14T23:00:00.000Z");
    expect(iso("2025-03-30", BERLIN)).toBe("2025-03-29T23:00:00.000Z");
    expect(iso("2025-03-31", BERLIN)).toBe("2025-03-30T22:00:00.000Z");
    expect(iso("2025-10-27", BERLIN)).toBe("2025-10-26T23:00:00.000Z");
    expect(iso("2025-06-01", "Pacific/Kiritimati")).toBe("2025-05-31T10:00:00.000Z");
    expect(iso("2025-06-01", "America/New_York")).toBe("2025-06-01T04:00:00.000Z");
  });

  it("finds the date again at every hour of a year", () => {
    for (const start of dayStarts(spanAround("year", "2025-01-01"), BERLIN)) {
      const date = dateAt(start, BERLIN);
      expect(startOfDate(date, BERLIN)).toBe(start);
      expect(dateAt(start - 1, BERLIN) < date).toBe(true);
    }
    expect(dayStarts(spanAround("year", "2025-01-01"), BERLIN)).toHaveLength(365);
  });

  it("names the months that it has days of", () => {
    expect(monthsOf(spanAround("day", "2025-05-31"))).toEqual(["2025-05-01"]);
    expect(monthsOf(spanAround("week", "2025-06-01"))).toEqual(["2025-05-01", "2025-06-01"]);
    expect(monthsOf(spanAround("year", "2024-02-29"))).toHaveLength(12);
  });

  it("takes dates of the calendar only", () => {
    expect(readDate("2025-02-28")).toBe("2025-02-28");
    for (const text of [undefined, "", "2025-02-29", "2025-2-1", "2025-13-01", "today"])
      expect(readDate(text)).toBeNull();
  });
});
