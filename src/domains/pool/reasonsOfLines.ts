import type { BillLineView } from "#domains/billing/queries/bills.ts";
import type { BillingContext, LineReason, ReasonsOf } from "#domains/billing/routes/billingContext.ts";
import { present } from "#kernel/units/assert.ts";
import { clockText } from "#platform/api/localTime.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { listAreas, termsAt } from "./queries/areas.ts";
import { listMarkets, listOrdersOf, type MarketView } from "./queries/reasons.ts";
import { explainBillLine } from "./routes/explainBillLine.ts";
import { settlementPrices } from "./rules/area.ts";
import { type BilledMarket, type BilledOrder, type ChargePrices, reasonOfLine } from "./rules/billReason.ts";
import { isPoolCharge, tradesOfCharges } from "./rules/poolCharges.ts";

/**
 * What the pool was to lines of a bill.
 *
 * @property orders the account's own, of all its members in the area
 * @property isSupplied whether a supplier takes what buyers don't use
 */
type LineMarket = IntervalPlace & {
  readonly outcome: BilledMarket;
  readonly orders: readonly (BilledOrder & { readonly member: number })[];
  readonly isSupplied: boolean;
  readonly chargePrices: ChargePrices;
  readonly bookRoot: string | null;
  readonly readingsRoot: string | null;
};

type Words = Pick<BillingContext, "currency" | "timeZone" | "tariffOf" | "explainCharge">;

/** Explains lines of a bill by the pool's clearing of their intervals; other fields' charges in their own words. */
export function reasonsOfLines(db: Queryable, words: Words): ReasonsOf {
  return async ({ account, lines }) => {
    const found = await marketsOfLines(db, { account, lines });
    const markets = new Map(found.map((market) => [keyOf(market), market]));
    return lines.map((line) =>
      explainLine(line, markets.get(keyOf(line)) ?? { ...line, ...NO_MARKET }, words),
    );
  };
}

function explainLine(
  line: BillLineView,
  market: LineMarket,
  { currency, timeZone, tariffOf, explainCharge }: Words,
): LineReason {
  const others = line.charges.filter((charge) => !isPoolCharge(charge));
  const reason = reasonOfLine({
    line: { ...line, ...tradesOfCharges(line.charges) },
    market: market.outcome,
    orders: market.orders.filter(({ member }) => member === line.member),
    chargePrices: market.chargePrices,
    isSupplied: market.isSupplied,
    tariff: line.beyondMicro === null ? null : tariffOf(line.areaId, line.intervalId),
    others: others.map((charge) => ({ words: explainCharge(charge), amountMicro: charge.amountMicro })),
  });
  const { bookRoot, readingsRoot } = market;
  const sentence = explainBillLine(reason, { clock: clockText(line.startsAt, timeZone), currency });
  return { sentence, bookRoot, readingsRoot };
}

/** Of an area in which nothing is traded. */
const NO_MARKET: Omit<LineMarket, "areaId" | "intervalId"> = {
  outcome: { state: "noMarket" },
  orders: [],
  isSupplied: false,
  chargePrices: { shortfallMicroPerKwh: 0n, surplusMicroPerKwh: 0n, gridFeeMicroPerKwh: 0n },
  bookRoot: null,
  readingsRoot: null,
};

/**
 * Three queries load what all lines together need, however many they are: the areas, the intervals with what their books left
 * over, and the account's own orders.
 */
async function marketsOfLines(
  db: Queryable,
  { account, lines }: { account: number; lines: readonly IntervalPlace[] },
): Promise<LineMarket[]> {
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
