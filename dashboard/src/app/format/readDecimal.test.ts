import { expect, it } from "vitest";
import { readDecimal } from "./readDecimal.ts";

it("reads what a person types, exactly", () => {
  const cases: readonly [string, bigint | null][] = [
    ["0.20", 200_000n],
    [" 0,2 ", 200_000n],
    [".2", 200_000n],
    ["12", 12_000_000n],
    ["-0.05", -50_000n],
    ["0.0000001", null],
    ["", null],
    [".", null],
    ["-", null],
    ["1e3", null],
    ["1,000.5", null],
    ["1234567890", null],
  ];
  for (const [text, micro] of cases) expect([text, readDecimal(text, 6)]).toEqual([text, micro]);
  expect(readDecimal("0.4205", 3)).toBeNull();
  expect(readDecimal("0.42", 3)).toBe(420n);
});
