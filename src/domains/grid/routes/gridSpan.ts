import { findArea } from "#domains/pool/queries/areas.ts";
import type { PoolContext } from "#domains/pool/routes/poolContext.ts";
import { SeriesRangeError } from "#domains/pool/routes/series.ts";
import { NotFoundError } from "#platform/api/problem.ts";

/** A leap year, and the hour that autumn repeats. */
const MAX_SECONDS = 366 * 86_400 + 3_600;
const LEAST_INTERVAL_SECONDS = 60;

/** More intervals than that no span has. */
export const MAX_ROWS = MAX_SECONDS / LEAST_INTERVAL_SECONDS;

/**
 * A time of an area, with the length of its intervals.
 *
 * @throws NotFoundError, SeriesRangeError
 */
export async function requireSpan(
  { store }: Pick<PoolContext, "store">,
  { areaId, from, to }: { areaId: number; from: number; to: number },
) {
  const area = await findArea(store.db, areaId);
  if (area === null) throw new NotFoundError(`area ${areaId}`);
  if (to < from || to - from > MAX_SECONDS) throw new SeriesRangeError(from, to);
  return { areaId, from, to, intervalSeconds: area.intervalSeconds };
}
