import { areas } from "#domains/metering/tables.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { type AreaView, findArea } from "#domains/pool/queries/areas.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { poolTerms } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";

/** An area as the projections need it. */
export type AreaRow = AreaView;

/** The market opens the area that it clears, as long as it numbers the areas itself. */
export async function projectArea(tx: Queryable, event: PoolEvent<"areaCreated">): Promise<void> {
  const { areaId, operator, accounts, terms, timestamp: createdAt, transactionHash } = event;
  const { intervalSeconds, ...rules } = terms;
  await tx
    .insert(areas)
    .values({ areaId, operator, ...accounts, intervalSeconds, createdAt, transactionHash });
  await tx.insert(poolTerms).values({ areaId, ...rules });
}

/** The area of an event: the contract names none that was not created before. */
export async function areaOf(tx: Queryable, areaId: number): Promise<AreaRow> {
  return present(await findArea(tx, areaId), `area ${areaId} of an event`);
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
