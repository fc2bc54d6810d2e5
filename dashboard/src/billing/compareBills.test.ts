import { expect, it } from "vitest";
import { compareBills } from "./compareBills.ts";

it.each<[string, bigint, bigint, ReturnType<typeof compareBills>]>([
  ["a buyer who pays less", 500n, 420n, { kind: "paidLess", differenceMicro: 80n }],
  ["a buyer who pays nothing any more", 500n, 0n, { kind: "paidLess", differenceMicro: 500n }],
  ["a seller who earns more", -300n, -450n, { kind: "earnedMore", differenceMicro: 150n }],
  ["a seller who earned nothing before", 0n, -450n, { kind: "earnedMore", differenceMicro: 450n }],
  [
    "a home that earns where it would have paid",
    100n,
    -50n,
    { kind: "earnedInstead", differenceMicro: 150n },
  ],
  ["a bill that stays what it was", -7n, -7n, { kind: "same", differenceMicro: 0n }],
  ["nothing at all", 0n, 0n, { kind: "same", differenceMicro: 0n }],
  ["a buyer who pays more", 420n, 500n, { kind: "paidMore", differenceMicro: 80n }],
  ["a seller who earns less", -450n, -300n, { kind: "earnedLess", differenceMicro: 150n }],
  ["a home that pays where it would have earned", -50n, 100n, { kind: "paidInstead", differenceMicro: 150n }],
])("tells of %s", (_who, tariffMicro, marketMicro, told) => {
  expect(compareBills({ tariffMicro, marketMicro })).toEqual(told);
});
