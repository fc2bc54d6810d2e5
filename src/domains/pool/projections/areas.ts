import { eq } from "drizzle-orm";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { present } from "#kernel/units/assert.ts";
import type { ChainEvent } from "#platform/chain/chainEvent.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { areas } from "#platform/store/schema.ts";

/** An area as the projections need it. */
export type AreaRow = typeof areas.$inferSelect;

export async function projectArea(tx: Queryable, event: ChainEvent<"areaCreated">): Promise<void> {
  const { areaId, operator, accounts, terms, timestamp: createdAt, transactionHash } = event;
  await tx.insert(areas).values({ areaId, operator, ...accounts, ...terms, createdAt, transactionHash });
}

/** The area of an event: the contract names none that was not created before. */
export async function areaOf(tx: Queryable, areaId: number): Promise<AreaRow> {
  const [row] = await tx.select().from(areas).where(eq(areas.areaId, areaId));
  return present(row, `area ${areaId} of an event`);
}

export function termsOf(row: AreaRow): AreaTerms {
  return {
    intervalSeconds: row.intervalSeconds,
    gateClosureSeconds: row.gateClosureSeconds,
    pricing: row.pricing,
    floorMicroPerKwh: row.floorMicroPerKwh,
    ceilingMicroPerKwh: row.ceilingMicroPerKwh,
    upstreamPriceMicroPerKwh: row.upstreamPriceMicroPerKwh,
    penaltyPermille: row.penaltyPermille,
    surplusPriceMicroPerKwh: row.surplusPriceMicroPerKwh,
    gridFeeMicroPerKwh: row.gridFeeMicroPerKwh,
  };
}
