import { and, asc, eq } from "drizzle-orm";
import { clearingSteps } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";

/** The steps of an attempt to clear an interval, in their order. */
export function listClearingSteps(
  db: Queryable,
  { areaId, intervalId, attempt }: IntervalPlace & { readonly attempt: number },
) {
  return db
    .select()
    .from(clearingSteps)
    .where(
      and(
        eq(clearingSteps.areaId, areaId),
        eq(clearingSteps.intervalId, intervalId),
        eq(clearingSteps.attempt, attempt),
      ),
    )
    .orderBy(asc(clearingSteps.step));
}
