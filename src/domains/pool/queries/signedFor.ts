import { eq } from "drizzle-orm";
import { participants } from "#domains/accounts/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";

/** The accounts whose orders an entity signs, those included that joined it for gates to come (R5.10). */
export async function listSignedFor(db: Queryable, entity: number): Promise<ReadonlySet<number>> {
  const rows = await db
    .select({ account: participants.account })
    .from(participants)
    .where(eq(participants.entity, entity));
  return new Set(rows.map(({ account }) => account));
}
