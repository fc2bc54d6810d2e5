import { desc, eq } from "drizzle-orm";
import { meteringPoints } from "#domains/accounts/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";

/** Each stay of a metering point at an account, the latest first; `meterId` in lower case. */
export function listStays(db: Queryable, { meterId, limit }: { meterId: string; limit: number }) {
  return db
    .select()
    .from(meteringPoints)
    .where(eq(meteringPoints.meterId, meterId))
    .orderBy(desc(meteringPoints.block), desc(meteringPoints.logIndex))
    .limit(limit);
}
