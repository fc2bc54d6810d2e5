import { describe, expect, it } from "vitest";
import { findReturnTimeFault, findSettlementTimeFault } from "./settlementTiming.ts";

const interval = { intervalId: 1_000, terms: { intervalSeconds: 900 } };
const OVER_AT = 1_001 * 900;
const FORTNIGHT = 14 * 86_400;

describe("findSettlementTimeFault", () => {
  const settled = (timestamp: number, isContracted = false, isAnotherPaid = false) =>
    findSettlementTimeFault({ ...interval, timestamp, isContracted, isAnotherPaid })?.rule ?? null;

  it("lets readings be settled from the end of delivery on", () => {
    expect(settled(OVER_AT - 1)).toBe("deliveryNotOver");
    expect(settled(OVER_AT)).toBeNull();
  });

  it("lets a page without readings be settled 14 days later, behind another", () => {
    expect(settled(OVER_AT + FORTNIGHT - 1, true, true)).toBe("tooEarlyToVoid");
    expect(settled(OVER_AT + FORTNIGHT, true, true)).toBeNull();
    expect(settled(OVER_AT + FORTNIGHT, true, false)).toBe("stage");
  });
});

describe("findReturnTimeFault", () => {
  const returned = (timestamp: number, isCleared: boolean) =>
    findReturnTimeFault({ ...interval, timestamp, isCleared });

  it("gives an unfinished clearing back from the end of delivery on", () => {
    expect(returned(OVER_AT - 1, false)).toEqual({
      rule: "tooEarlyToVoid",
      finding: `given back at ${OVER_AT - 1} s, before ${OVER_AT} s`,
    });
    expect(returned(OVER_AT, false)).toBeNull();
  });

  it("gives a finished one back 14 days later", () => {
    expect(returned(OVER_AT + FORTNIGHT - 1, true)?.rule).toBe("tooEarlyToVoid");
    expect(returned(OVER_AT + FORTNIGHT, true)).toBeNull();
  });
});
