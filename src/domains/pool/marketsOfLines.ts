import type { LineMarket, MarketsOf } from "#domains/billing/routes/billingContext.ts";
import type { BilledMarket } from "#domains/billing/rules/billReason.ts";
import { present } from "#kernel/units/assert.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { listAreas, termsAt } from "./queries/areas.ts";
import { listMarkets, listOrdersOf, type MarketView } from "./queries/reasons.ts";
import { settlementPrices } from "./rules/area.ts";

/**
 * What the pool was to lines of a bill. Three queries load what all lines together need, however many they are: the areas,
 * the intervals with what their books left over, and the account's own orders.
 */
export function marketsOfLines(db: Queryable): MarketsOf {
  return async ({ account, lines }) => {
    const areas = new Map((await listAreas(db)).map((area) => [area.areaId, area]));
    const orders = new Map<string, LineMarket["orders"]>();
    for (const order of await listOrdersOf(db, { account, keys: lines }))
      orders.set(keyOf(order), [...(orders.get(keyOf(order)) ?? []), order]);
    const markets = await listMarkets(db, lines);
    return markets.map((market): LineMarket => {
      const { areaId, intervalId, bookRoot, readingsRoot } = market;
      const area = present(areas.get(areaId), "the area of an interval");
      const isSupplied = market.isSupplied ?? true;
      return {
        areaId,
        intervalId,
        outcome: outcomeOf(market),
        orders: orders.get(keyOf(market)) ?? [],
        isSupplied,
        chargePrices: settlementPrices(termsAt(area, intervalId), {
          localPriceMicroPerKwh: market.localPriceMicroPerKwh ?? 0n,
          isSupplied,
        }),
        bookRoot,
        readingsRoot,
      };
    });
  };
}

function keyOf({ areaId, intervalId }: { areaId: number; intervalId: number }): string {
  return `${areaId} ${intervalId}`;
}

/** What the market was to a line: one whose clearing is not complete, or was given back, is none. */
function outcomeOf(market: MarketView): BilledMarket {
  if (market.stage === "returned") return { state: "returned" };
  const { pricing, clearedAt, attempt } = market;
  if (pricing === null || clearedAt === null) return { state: attempt > 0 ? "abandoned" : "noMarket" };
  const { hasBids, hasOffers, bestBidLeftMicroPerKwh, bestOfferLeftMicroPerKwh } = market;
  return {
    state: "cleared",
    pricing,
    hasBids,
    hasOffers,
    bestBidLeftMicroPerKwh,
    bestOfferLeftMicroPerKwh,
  };
}
