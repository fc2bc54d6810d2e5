import { describe, expect, it } from "vitest";
import { readWhen } from "./readWhen.ts";

/** Saturday, 17 May 2025, 12:00 in Berlin. */
const NOW = Date.parse("2025-05-17T10:00:00Z") / 1_000;
const read = (text: string) => readWhen(text, { now: NOW, timeZone: "Europe/Berlin" });
const second = (iso: string) => Date.parse(iso) / 1_000;

describe("a date or a time in words that people type", () => {
  it.each([
    ["16 May 2025 21:00", "2025-05-16T19:00:00Z"],
    ["16 may 2025, 9pm", "2025-05-16T19:00:00Z"],
    ["May 16 2025 at 9 pm", "2025-05-16T19:00:00Z"],
    ["the 16th of May at 21:00", "2025-05-16T19:00:00Z"],
    ["Friday 16 May, 21:00", "2025-05-16T19:00:00Z"],
    ["16.5.2025 21:00", "2025-05-16T19:00:00Z"],
    ["16/05/2025 21:00", "2025-05-16T19:00:00Z"],
    ["2025-05-16 21:00", "2025-05-16T19:00:00Z"],
    ["2025-05-16T21:00:00+02:00", "2025-05-16T19:00:00Z"],
    ["2025-05-16T21:00", "2025-05-16T19:00:00Z"],
    ["2025-05-16T19:00:00Z", "2025-05-16T19:00:00Z"],
    ["yesterday 9pm", "2025-05-16T19:00:00Z"],
    ["9:30 am yesterday", "2025-05-16T07:30:00Z"],
    ["last friday 21h", "2025-05-16T19:00:00Z"],
    ["today noon", "2025-05-17T10:00:00Z"],
    ["08:15", "2025-05-17T06:15:00Z"],
    ["12am today", "2025-05-16T22:00:00Z"],
    ["24 Dec 18:00", "2024-12-24T17:00:00Z"],
    ["26 October 2025 02:30", "2025-10-26T00:30:00Z"],
    ["now", "2025-05-17T10:00:00Z"],
  ])("%s is %s", (text, iso) => {
    expect(read(text)?.at).toBe(second(iso));
  });

  it.each([
    ["16 May 2025", "2025-05-16", "day"],
    ["yesterday", "2025-05-16", "day"],
    ["saturday", "2025-05-10", "day"],
    ["2025-05-16", "2025-05-16", "day"],
    ["may 2025", "2025-05-01", "month"],
    ["2025-05", "2025-05-01", "month"],
  ])("%s is %s, a %s", (text, date, span) => {
    expect(read(text)).toEqual({ date, at: null, span });
  });

  it.each([
    "",
    "Orchard Walk 4",
    "31 February 2025",
    "25:00 yesterday",
    "13pm",
    "1941180",
    "0x12",
    "16 Foo 2025",
  ])("%s is none", (text) => {
    expect(read(text)).toBeNull();
  });
});
