import { expect, it } from "vitest";
import { isSameBytes, rememberLast } from "./rememberLast.ts";

function counted() {
  let computed = 0;
  const double = rememberLast((value: { readonly n: number }, context: Uint8Array) => {
    computed += 1;
    return value.n * (context[0] ?? 0);
  }, isSameBytes);
  return { double, computed: () => computed };
}

it("computes once for a value and context, and anew for another context or a copy with other fields", () => {
  const { double, computed } = counted();
  const value = { n: 4 };
  expect([double(value, Uint8Array.of(2)), double(value, Uint8Array.of(2))]).toEqual([8, 8]);
  expect(computed()).toBe(1);
  expect(double(value, Uint8Array.of(3))).toBe(12);
  expect(double({ ...value, n: 5 }, Uint8Array.of(3))).toBe(15);
  expect(computed()).toBe(3);
});

it("carries what is known to a copy", () => {
  const { double, computed } = counted();
  const value = { n: 4 };
  double(value, Uint8Array.of(2));
  expect(double(double.carry(value, { ...value }), Uint8Array.of(2))).toBe(8);
  expect(computed()).toBe(1);
});

it("takes over what was computed elsewhere, for that context alone", () => {
  const { double, computed } = counted();
  const value = { n: 4 };
  double.adopt(value, Uint8Array.of(2), 8);
  expect(double(value, Uint8Array.of(2))).toBe(8);
  expect(computed()).toBe(0);
  expect(double(value, Uint8Array.of(3))).toBe(12);
});
