import type { BillLineView } from "#domains/billing/queries/bills.ts";
import { type BilledMarket, type BilledOrder, reasonOfLine } from "#domains/billing/rules/billReason.ts";
import type { AreaView } from "#domains/pool/queries/areas.ts";
import { listAreas } from "#domains/pool/queries/areas.ts";
import { listMarkets, listOrdersOf, type MarketView } from "#domains/pool/queries/reasons.ts";
import { settlementPrices } from "#domains/pool/rules/area.ts";
import { present } from "#kernel/units/assert.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { clockText } from "#platform/api/localTime.ts";
import { explainBillLine } from "./explainBillLine.ts";

/** A line of a bill with its sentence, and the interval that it belongs to. */
export type ExplainedLine = BillLineView & { readonly reason: string; readonly market: MarketView };

/**
 * Explains a page of lines of one account. Three queries load what all lines together need, however many they are: the
 * areas, the intervals with what their books left over, and the account's own orders.
 */
export async function explainLines(
  context: Pick<ApiContext, "store" | "tariffOf" | "timeZone" | "currency">,
  { account, lines }: { account: number; lines: readonly BillLineView[] },
): Promise<ExplainedLine[]> {
  const { db } = context.store;
  const areas = new Map((await listAreas(db)).map((area) => [area.areaId, area]));
  const markets = new Map((await listMarkets(db, lines)).map((market) => [keyOf(market), market]));
  const orders = new Map<string, BilledOrder[]>();
  for (const order of await listOrdersOf(db, { account, keys: lines }))
    orders.set(keyOf(order), [...(orders.get(keyOf(order)) ?? []), order]);
  return lines.map((line) => {
    const market = present(markets.get(keyOf(line)), "the interval of a bill's line");
    const reason = reasonOfLine({
      line,
      market: marketOf(market),
      orders: orders.get(keyOf(line)) ?? [],
      chargePrices: settlementPrices(
        present<AreaView>(areas.get(line.areaId), "the area of a bill's line"),
        market.localPriceMicroPerKwh ?? 0n,
      ),
      tariff: line.beyondMicro === null ? null : context.tariffOf(line.areaId, line.intervalId),
    });
    const { currency, timeZone } = context;
    return {
      ...line,
      market,
      reason: explainBillLine(reason, { clock: clockText(line.startsAt, timeZone), currency }),
    };
  });
}

function keyOf({ areaId, intervalId }: { areaId: number; intervalId: number }): string {
  return `${areaId} ${intervalId}`;
}

/** What the market was to a line: one whose clearing is not complete, or was given back, is none. */
function marketOf(market: MarketView): BilledMarket {
  if (market.stage === "voided") return { state: "voided" };
  const { pricing, clearedAt } = market;
  if (pricing === null || clearedAt === null) return { state: "noMarket" };
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
