/** The smaller of two whole numbers. */
export function smallerOf(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

/** The larger of two whole numbers. */
export function largerOf(one: bigint, other: bigint): bigint {
  return one < other ? other : one;
}
