import { describe, expect, it } from "vitest";
import {
  describeFinality,
  isFinalUnder,
  MAX_DEPTH,
  parseFinality,
  UnknownFinalityError,
} from "./finality.ts";

const by = (...numbers: readonly number[]) =>
  numbers.map((number) => ({ proposer: `0x${String(number).padStart(40, "0")}` as const }));

describe("a rule of finality", () => {
  it.each(["immediate", "1 block", "64 blocks", "1 validator", "4 validators"])(
    "is written and read as %s",
    (text) => expect(describeFinality(parseFinality(text))).toBe(text),
  );

  it.each(["", "64", "0 blocks", "-1 blocks", `${MAX_DEPTH + 1} blocks`, "64 days", "many validators"])(
    "is not read from %j, and the error says what is",
    (text) => {
      expect(() => parseFinality(text)).toThrow(UnknownFinalityError);
      expect(() => parseFinality(text)).toThrow('write "immediate", "64 blocks" or "4 validators"');
    },
  );

  it("counts blocks on top, or different validators that made them", () => {
    expect(isFinalUnder({ kind: "immediate" }, [])).toBe(true);
    const depth = { kind: "depth", blocks: 2 } as const;
    expect([[], by(1), by(1, 1)].map((above) => isFinalUnder(depth, above))).toEqual([false, false, true]);
    const four = { kind: "validators", count: 4 } as const;
    const chains = [by(1, 2), by(1, 1, 1, 2, 2), by(1, 2, 3)];
    expect(chains.map((above) => isFinalUnder(four, above))).toEqual([false, false, true]);
    expect(isFinalUnder({ kind: "validators", count: 1 }, by(1))).toBe(true);
  });
});
