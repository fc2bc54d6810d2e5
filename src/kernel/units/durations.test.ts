import { expect, test } from "vitest";
import { durationText } from "./durations.ts";

test.each([
  [0, "0 s"],
  [45, "45 s"],
  [60, "1 min"],
  [90, "90 s"],
  [900, "15 min"],
  [5_400, "90 min"],
  [7_200, "2 h"],
  [172_800, "2 days"],
])("%i seconds are %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
