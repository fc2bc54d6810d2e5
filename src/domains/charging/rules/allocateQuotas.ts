import { assert } from "#kernel/units/assert.ts";

/**
 * Each station's quota in whole W, in the order of the demands (R9.5, R9.6, E9.2): its demand when all fit into the margin,
 * else β = margin ÷ Σ demand of it, rounded down, and the W left over to the largest remainders, of equal ones to the
 * earlier station. The quotas add up to the margin when rationed, and never to more.
 */
export function allocateQuotas({ demandsW, marginW }: QuotaRequest): readonly bigint[] {
  assert(marginW >= 0n, `a margin of ${marginW} W is below zero`);
  for (const demandW of demandsW) assert(demandW >= 0n, `a demand of ${demandW} W is below zero`);
  const totalW = demandsW.reduce((sum, demandW) => sum + demandW, 0n);
  if (totalW <= marginW) return [...demandsW];
  const floorsW = demandsW.map((demandW) => (demandW * marginW) / totalW);
  const leftW = marginW - floorsW.reduce((sum, quotaW) => sum + quotaW, 0n);
  const remainders = demandsW.map((demandW) => (demandW * marginW) % totalW);
  const raised = new Set(byLargest(remainders).slice(0, Number(leftW)));
  return floorsW.map((quotaW, station) => (raised.has(station) ? quotaW + 1n : quotaW));
}

/** What stations ask for in a period, and what the transformer has left for them. */
type QuotaRequest = { readonly demandsW: readonly bigint[]; readonly marginW: bigint };

function byLargest(remainders: readonly bigint[]): number[] {
  const size = (station: number) => remainders[station] ?? 0n;
  return [...remainders.keys()].sort((a, b) => {
    if (size(a) === size(b)) return a - b;
    return size(a) > size(b) ? -1 : 1;
  });
}
