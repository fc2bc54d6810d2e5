import { describe, expect, it } from "vitest";
import { createFormats } from "./formats.ts";

const { day } = createFormats({ timeZone: "Europe/Berlin", currency: "EUR" });
const at = (text: string) => Date.parse(text) / 1_000;

describe("a day", () => {
  const may = at("2025-05-12T12:00:00Z");

  it("has its year where that is not the running one of the market", () => {
    expect(day(may, at("2025-12-31T12:00:00Z"))).toBe(day(may));
    expect(day(may)).not.toMatch(/2025/);
    expect(day(may, at("2026-01-01T12:00:00Z"))).toMatch(/^Mon,? 12 May 2025$/);
  });

  it("takes the year from the area's time zone", () => {
    const newYear = at("2025-12-31T23:30:00Z");
    expect(day(newYear, at("2026-05-01T12:00:00Z"))).not.toMatch(/2026/);
    expect(day(at("2025-12-31T22:30:00Z"), newYear)).toMatch(/2025$/);
  });
});
