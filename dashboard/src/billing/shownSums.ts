import { MICRO_PER_CENT, roundDifference, roundParts } from "#kernel/units/roundedParts.ts";

/** What a line comes to, micro; null where its tariff is not known. */
export function lineMicro({
  netMicro,
  beyondMicro,
}: {
  readonly netMicro: string;
  readonly beyondMicro: string | null;
}): bigint | null {
  return beyondMicro === null ? null : BigInt(netMicro) + BigInt(beyondMicro);
}

/**
 * Amounts of a bill as they are shown: they add up to their sum as it stands above them, `total`, or to the nearest cent of
 * it. What is not known is in no sum.
 */
export function shownAmounts(
  amounts: readonly (bigint | null)[],
  total?: bigint,
): readonly (bigint | null)[] {
  const known = amounts.filter((micro) => micro !== null);
  const { parts } = roundParts(known, { unit: MICRO_PER_CENT, ...(total === undefined ? {} : { total }) });
  const shown = parts[Symbol.iterator]();
  return amounts.map((micro) => (micro === null ? null : (shown.next().value ?? micro)));
}

/** Parts of a bill, their total, the bill by the tariff alone and what lies between, as they are shown beside one another. */
export function shownStatement(parts: readonly bigint[], tariffMicro: bigint) {
  const exact = parts.reduce((sum, micro) => sum + micro, 0n);
  const shown = roundDifference({ first: tariffMicro, second: exact }, MICRO_PER_CENT);
  return {
    ...roundParts(parts, { unit: MICRO_PER_CENT, total: shown.second }),
    tariff: shown.first,
    saving: shown.difference,
  };
}
