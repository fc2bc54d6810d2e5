import { expect, it } from "vitest";
import { findCapacityFault } from "./capacityFault.ts";
import type { MemberPosition } from "./positionWord.ts";

const bought = (member: number, boughtWh: bigint): MemberPosition => ({
  member,
  side: "bid",
  boughtWh,
  soldWh: 0n,
  exactPayment: 0n,
});
const faultOf = (before: readonly MemberPosition[], after: readonly MemberPosition[]) =>
  findCapacityFault({ before, after, intervalSeconds: 900, capacityOf: () => 4_000 });

it("4 kW carry 1 kWh in a quarter of an hour, over all steps", () => {
  expect(faultOf([], [bought(4, 1_000n)])).toBeNull();
  expect(faultOf([], [bought(4, 1_000n), bought(5, 1_001n)])).toEqual({
    member: 5,
    finding: "member 5 trades 1001 Wh, more than its connection of 4000 W carries in 900 s",
  });
  expect(faultOf([bought(4, 600n)], [bought(4, 1_001n)])?.member).toBe(4);
});

it("a connection that became weaker since does not undo what a step before brought", () => {
  expect(faultOf([bought(4, 2_000n)], [bought(4, 2_000n), bought(5, 10n)])).toBeNull();
});
