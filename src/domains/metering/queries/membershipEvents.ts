import { and, asc, inArray, lte } from "drizzle-orm";
import { MEMBERSHIP_KINDS, type MembershipEvent } from "#domains/metering/areaState.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { EventView } from "#platform/store/queries/events.ts";
import { events } from "#platform/store/schema.ts";

/** Events of the log that say who takes part, and where, up to a block, in the order of the chain. */
export async function listMembershipEvents(db: Queryable, toBlock: number): Promise<MembershipEvent[]> {
  const rows = await db
    .select()
    .from(events)
    .where(and(inArray(events.kind, Object.keys(MEMBERSHIP_KINDS)), lte(events.block, toBlock)))
    .orderBy(asc(events.block), asc(events.logIndex));
  return rows.map(membershipEvent);
}

function membershipEvent({ kind, facts, block, logIndex, timestamp }: EventView): MembershipEvent {
  const contract = MEMBERSHIP_KINDS[kind as keyof typeof MEMBERSHIP_KINDS];
  return { ...(JSON.parse(facts) as object), contract, kind, block, logIndex, timestamp } as MembershipEvent;
}
