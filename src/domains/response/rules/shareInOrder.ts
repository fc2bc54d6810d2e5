import { divideRoundingDown } from "#kernel/units/rounding.ts";

/**
 * Parts a whole among claims so that the parts add up to it exactly: part i is ⌊C_i·W/C⌋ − ⌊C_{i−1}·W/C⌋, with C_i the sum of the first i
 * claims. No part is a unit or more away from its exact share, and anyone who checks needs one pass and no search. Claims are ≥ 0; all
 * parts are 0 when all claims are.
 */
export function shareInOrder(whole: bigint, claims: readonly bigint[]): bigint[] {
  const total = claims.reduce((sum, claim) => sum + claim, 0n);
  if (total === 0n) return claims.map(() => 0n);
  let [claimed, given] = [0n, 0n];
  return claims.map((claim) => {
    claimed += claim;
    const upTo = divideRoundingDown(claimed * whole, total);
    const part = upTo - given;
    given = upTo;
    return part;
  });
}
