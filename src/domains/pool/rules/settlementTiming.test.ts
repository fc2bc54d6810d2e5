import { describe, expect, it } from "vitest";
import {
  findReturnTimeFault,
  findSettlementTimeFault,
  LAST_RESORT_SECONDS,
  waitedUntil,
} from "./settlementTiming.ts";

const area = { intervalSeconds: 900, waitingSeconds: 86_400 };
const interval = { intervalId: 1_000, area };
const OVER_AT = 1_001 * 900;
const WAITED = OVER_AT + 86_400;

it("a reading is waited for from the end of delivery on", () => {
  expect(waitedUntil(1_000, area)).toBe(WAITED);
});

describe("findSettlementTimeFault", () => {
  const complete = { missing: 0, isWithheld: false, isAnotherPaid: false };
  const settled = (timestamp: number, changes: Partial<typeof complete> = {}) =>
    findSettlementTimeFault({ ...interval, ...complete, ...changes, timestamp })?.rule ?? null;

  it("lets all readings be settled from the end of delivery on", () => {
    expect(settled(OVER_AT - 1)).toBe("deliveryNotOver");
    expect(settled(OVER_AT)).toBeNull();
  });

  it("lets a missing reading count as zero once it was waited for", () => {
    expect(settled(WAITED - 1, { missing: 1 })).toBe("readingMissing");
    expect(settled(WAITED, { missing: 1 })).toBeNull();
  });

  it("lets a page be settled without its readings 14 days after that, beside one that was paid", () => {
    const withheld = { missing: 3, isWithheld: true, isAnotherPaid: true };
    const resort = WAITED + LAST_RESORT_SECONDS;
    expect(settled(WAITED - 1, withheld)).toBe("readingMissing");
    expect(settled(resort - 1, withheld)).toBe("readingWithheld");
    expect(settled(resort, withheld)).toBeNull();
    expect(settled(resort, { ...withheld, isAnotherPaid: false })).toBe("readingWithheld");
  });
});

describe("findReturnTimeFault", () => {
  const returned = (timestamp: number, changes: { isAbandoned?: boolean; isPublished?: boolean } = {}) =>
    findReturnTimeFault({ ...interval, isAbandoned: false, isPublished: false, ...changes, timestamp });

  it("gives an abandoned attempt back at any time", () => {
    expect(returned(0, { isAbandoned: true, isPublished: true })).toBeNull();
  });

  it("gives a complete one back once nothing is waited for, where nothing is published", () => {
    expect(returned(WAITED - 1)).toEqual({
      rule: "tooEarlyToReturn",
      finding: `given back at ${WAITED - 1} s, before ${WAITED} s`,
    });
    expect(returned(WAITED)).toBeNull();
  });

  it("gives back what nobody opens 14 days later, though readings are published", () => {
    const published = { isPublished: true };
    expect(returned(WAITED, published)?.rule).toBe("readingsPresent");
    expect(returned(WAITED + LAST_RESORT_SECONDS - 1, published)?.rule).toBe("readingsPresent");
    expect(returned(WAITED + LAST_RESORT_SECONDS, published)).toBeNull();
  });
});
