import type { BillLineView } from "#domains/billing/queries/bills.ts";
import { reasonOfLine } from "#domains/billing/rules/billReason.ts";
import { clockText } from "#platform/api/localTime.ts";
import type { BillingContext, LineMarket } from "./billingContext.ts";
import { explainBillLine } from "./explainBillLine.ts";

/** A line of a bill with its sentence, and the market of its interval. */
export type ExplainedLine = BillLineView & { readonly reason: string; readonly market: LineMarket };

/** Explains a page of lines of one account. The market is asked once for all of them, however many they are. */
export async function explainLines(
  context: BillingContext,
  { account, lines }: { account: number; lines: readonly BillLineView[] },
): Promise<ExplainedLine[]> {
  const found = await context.marketsOf({ account, lines });
  const markets = new Map(found.map((market) => [keyOf(market), market]));
  return lines.map((line) => {
    const market = markets.get(keyOf(line)) ?? { ...line, ...NO_MARKET };
    const reason = reasonOfLine({
      line,
      market: market.outcome,
      orders: market.orders.filter(({ member }) => member === line.member),
      chargePrices: market.chargePrices,
      isSupplied: market.isSupplied,
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

/** Of an area in which nothing is traded. */
const NO_MARKET: Omit<LineMarket, "areaId" | "intervalId"> = {
  outcome: { state: "noMarket" },
  orders: [],
  isSupplied: false,
  chargePrices: { shortfallMicroPerKwh: 0n, surplusMicroPerKwh: 0n, gridFeeMicroPerKwh: 0n },
  bookRoot: null,
  readingsRoot: null,
};

function keyOf({ areaId, intervalId }: { areaId: number; intervalId: number }): string {
  return `${areaId} ${intervalId}`;
}
