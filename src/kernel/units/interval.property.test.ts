import fc from "fast-check";
import { expect, it } from "vitest";
import { endsAt, intervalAt, startsAt } from "./interval.ts";

const lengthSeconds = fc.constantFrom(60, 300, 900, 1_800, 3_600, 86_400);

it("each second lies in exactly one half-open interval", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32), lengthSeconds, (second, length) => {
      const intervalId = intervalAt(second, length);
      expect(startsAt(intervalId, length) <= second && second < endsAt(intervalId, length)).toBe(true);
    }),
  );
});

it("an interval ends where the next one starts, one length on", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), lengthSeconds, (intervalId, length) => {
      expect(endsAt(intervalId, length)).toBe(startsAt(intervalId + 1, length));
      expect(endsAt(intervalId, length) - startsAt(intervalId, length)).toBe(length);
    }),
  );
});
