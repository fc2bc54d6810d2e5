import type { GridSpan } from "#domains/grid/queries/exchange.ts";
import { listMeteredAreas, type MeteredArea } from "#domains/metering/queries/areas.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { requireColumnSpan } from "#platform/api/columnSpan.ts";
import { NotFoundError } from "#platform/api/problem.ts";

/** Days of a time of 366, the first and the last cut. */
export const MOST_DAYS = 367;

/**
 * A time of an area, and the area.
 *
 * @throws NotFoundError, SeriesRangeError
 */
export async function requireSpan(
  { store }: Pick<ApiContext, "store">,
  { areaId, from, to }: GridSpan,
): Promise<{ readonly span: GridSpan; readonly area: MeteredArea }> {
  const area = (await listMeteredAreas(store.db)).find((each) => each.areaId === areaId);
  if (area === undefined) throw new NotFoundError(`area ${areaId}`);
  requireColumnSpan({ from, to });
  return { span: { areaId, from, to }, area };
}
