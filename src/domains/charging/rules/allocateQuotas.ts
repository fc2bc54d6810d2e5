import { assert } from "#kernel/units/assert.ts";

/** What a station asks for in a period, by its number in the area. */
export type Demand = { readonly member: number; readonly demandW: number };

/**
 * How a margin is divided, as the contract reads it. A station with demand P gets ⌊P·M/Σ⌋ W, and one more exactly when its
 * remainder P·M mod Σ is above the cut's, or equal to it and its number at most the cut's member. When nothing is left over,
 * `cutRemainder` is Σ, which no remainder reaches.
 *
 * @property isRationed whether the demands exceed the margin; only then is there an auction
 * @property totalDemandW Σ
 * @property quotasW by member, rising
 */
export type Allocation = {
  readonly isRationed: boolean;
  readonly totalDemandW: number;
  readonly cutRemainder: bigint;
  readonly cutMember: number;
  readonly quotasW: ReadonlyMap<number, number>;
};

/**
 * Each station's quota in whole W (R9.5, R9.6, E9.2): its demand when all fit into the margin, else β = margin ÷ Σ demand of it,
 * rounded down, and the W left over to the largest remainders, of equal ones to the lower number. The quotas add up to
 * the margin when rationed, and never to more.
 */
export function allocateQuotas({
  demands,
  marginW,
}: {
  readonly demands: readonly Demand[];
  readonly marginW: number;
}): Allocation {
  assert(isWhole(marginW), `a margin of ${marginW} W is no whole number from 0 on`);
  for (const { demandW } of demands)
    assert(isWhole(demandW), `a demand of ${demandW} W is no whole number from 0 on`);
  const sorted = [...demands].sort((a, b) => a.member - b.member);
  const totalDemandW = sorted.reduce((sum, { demandW }) => sum + demandW, 0);
  if (totalDemandW > marginW) return ration(sorted, totalDemandW, marginW);
  return {
    isRationed: false,
    totalDemandW,
    cutRemainder: BigInt(totalDemandW),
    cutMember: 0,
    quotasW: new Map(sorted.map(({ member, demandW }) => [member, demandW])),
  };
}

/** β of R9.5, for people: 1 when all demands fit. */
export function betaOf({ totalDemandW }: Pick<Allocation, "totalDemandW">, marginW: number): number {
  return totalDemandW <= marginW ? 1 : marginW / totalDemandW;
}

/** A station's part of the margin, exactly: watts and the remainder over Σ. */
type Share = { readonly member: number; readonly floorW: bigint; readonly remainder: bigint };

function ration(sorted: readonly Demand[], totalDemandW: number, marginW: number): Allocation {
  const total = BigInt(totalDemandW);
  const shares = sorted.map(({ member, demandW }): Share => {
    const product = BigInt(demandW) * BigInt(marginW);
    return { member, floorW: product / total, remainder: product % total };
  });
  const leftW = BigInt(marginW) - shares.reduce((sum, { floorW }) => sum + floorW, 0n);
  const raised = [...shares].sort(byLargestRemainder).slice(0, Number(leftW));
  const last = raised.at(-1);
  const winners = new Set(raised.map(({ member }) => member));
  return {
    isRationed: true,
    totalDemandW,
    cutRemainder: last?.remainder ?? total,
    cutMember: last?.member ?? 0,
    quotasW: new Map(
      shares.map(({ member, floorW }) => [member, Number(floorW) + (winners.has(member) ? 1 : 0)]),
    ),
  };
}

function byLargestRemainder(a: Share, b: Share): number {
  if (a.remainder === b.remainder) return a.member - b.member;
  return a.remainder > b.remainder ? -1 : 1;
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
