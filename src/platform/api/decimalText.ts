/** A whole number as it goes over HTTP; null stays null. */
export function orNull(value: bigint | number | null): string | null {
  return value === null ? null : String(value);
}
