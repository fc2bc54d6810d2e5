import { findArea } from "#domains/pool/queries/areas.ts";
import type { PoolContext } from "#domains/pool/routes/poolContext.ts";
import { requireColumnSpan } from "#platform/api/columnSpan.ts";
import { NotFoundError } from "#platform/api/problem.ts";

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
  requireColumnSpan({ from, to });
  return { areaId, from, to, intervalSeconds: area.intervalSeconds };
}
