import { and, eq } from "drizzle-orm";
import { type MeteredArea, meteredAreaOf } from "#domains/metering/queries/areas.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { findTerms, type TermsView } from "#domains/pool/queries/areas.ts";
import { type SettlementPrices, settlementPrices } from "#domains/pool/rules/area.ts";
import { poolTerms } from "#domains/pool/tables.ts";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { forget } from "#platform/store/workingSet.ts";

/** A version of an area's rules, which nobody stands for yet. */
export async function projectTermsAnnounced(
  tx: Queryable,
  event: PoolEvent<"termsAnnounced">,
): Promise<void> {
  const { areaId, version, fromInterval, terms, timestamp: announcedAt, transactionHash } = event;
  const { intervalSeconds, ...rules } = terms;
  await tx
    .insert(poolTerms)
    .values({ areaId, version, fromInterval, ...rules, announcedAt, transactionHash });
  forget(tx, poolTerms);
}

/** Who stands for a version's surpluses, and until when. */
export async function projectSupply(
  tx: Queryable,
  event: PoolEvent<"supplyAccepted" | "supplyWithdrawn">,
): Promise<void> {
  const { areaId, version } = event;
  const change =
    event.kind === "supplyAccepted"
      ? { suppliedBy: event.supplier, suppliedUnder: event.operator, suppliedUntil: null }
      : { suppliedUntil: event.fromInterval };
  await tx
    .update(poolTerms)
    .set(change)
    .where(and(eq(poolTerms.areaId, areaId), eq(poolTerms.version, version)));
  forget(tx, poolTerms);
}

/** An area and the terms of one of its intervals, as the projections need them. */
export type AreaRow = MeteredArea & { readonly terms: TermsView };

/** The area of an event with the terms of its interval: the contract clears none without terms. */
export async function areaOf(tx: Queryable, place: IntervalPlace): Promise<AreaRow> {
  const area = await meteredAreaOf(tx, place.areaId);
  const terms = present(await findTerms(tx, place), `the terms of interval ${place.intervalId}`);
  return { ...area, terms: { ...terms, intervalSeconds: area.intervalSeconds } };
}

/** What a settlement charges, as far as the interval is known; where nothing says otherwise, a supplier stands for it. */
export function pricesOf(
  { terms }: AreaRow,
  {
    localPriceMicroPerKwh,
    isSupplied,
  }: { readonly localPriceMicroPerKwh: bigint | null; readonly isSupplied: boolean | null },
): SettlementPrices {
  return settlementPrices(terms, {
    localPriceMicroPerKwh: localPriceMicroPerKwh ?? 0n,
    isSupplied: isSupplied ?? true,
  });
}
