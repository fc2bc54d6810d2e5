import { z } from "zod";

/** A whole number ≥ 0 of an archived line. */
export const wholeNumber = z.int().nonnegative();

/** So many bytes as `0x` and lower-case digits. */
export const hexText = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`));

const MS_PER_SECOND = 1_000;

/** Name of the file for an area and the UTC day of `unixSeconds`. */
export function archiveFile(areaId: number, unixSeconds: number): string {
  return `area-${areaId}-${new Date(unixSeconds * MS_PER_SECOND).toISOString().slice(0, "2026-01-01".length)}`;
}
