import { and, eq, gte, inArray } from "drizzle-orm";
import { z } from "zod";
import type { Queryable } from "#platform/store/openStore.ts";
import { allEvents } from "#platform/store/schema.ts";

const facts = z.object({ period: z.int(), member: z.int() });

/** Periods of an area, rising, in which a station that demanded since a second has not got its deposit back. */
export async function listHeldPeriods(
  db: Queryable,
  { areaId, since }: { readonly areaId: number; readonly since: number },
): Promise<readonly number[]> {
  const kinds = ["demandSubmitted", "depositWithdrawn"];
  const rows = await db
    .select({ kind: allEvents.kind, facts: allEvents.facts })
    .from(allEvents)
    .where(
      and(eq(allEvents.areaId, areaId), inArray(allEvents.kind, kinds), gte(allEvents.timestamp, since)),
    );
  const held = new Map<number, number>();
  for (const row of rows) {
    const { period } = facts.parse(JSON.parse(row.facts));
    held.set(period, (held.get(period) ?? 0) + (row.kind === "demandSubmitted" ? 1 : -1));
  }
  return [...held]
    .filter(([, stations]) => stations > 0)
    .map(([period]) => period)
    .sort((a, b) => a - b);
}
