import type { RefusedLine } from "#domains/pool/rules/orderFile.ts";
import type { Book } from "#kernel/auction/book.ts";
import type { Clearing } from "#kernel/auction/clearing.ts";
import type { NamedBook } from "#kernel/auction/namedBook.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { participantTotals, remainderMicro, welfareMicro } from "#kernel/auction/payments.ts";
import { type PairedTrades, pairTrades } from "#kernel/auction/trades.ts";
import { present } from "#kernel/units/assert.ts";
import { costRoundingDown } from "#kernel/units/money.ts";

/**
 * What `commonwatt clear --json` prints. Energy in Wh, money in micro and prices in micro per kWh, as decimal strings.
 *
 * @property clearingPriceMicroPerKwh null with midpoint pricing and when nothing is traded
 * @property trades in merit order; a trade's payment is rounded down, while a participant's is rounded once over all
 * its trades
 * @property participants everybody with an accepted order; a positive payment is owed, a negative one is received
 * @property remainderMicro sum of all payments: what rounding left for the named account
 */
export type ClearReport = {
  readonly pricing: Pricing;
  readonly clearingPriceMicroPerKwh: string | null;
  readonly clearedWh: string;
  readonly welfareMicro: string;
  readonly trades: readonly ReportedTrade[];
  readonly participants: Readonly<Record<string, ReportedTotal>>;
  readonly remainderMicro: string;
  readonly rejected: readonly RefusedLine[];
};

type ReportedTrade = {
  readonly buyer: string;
  readonly seller: string;
  readonly energyWh: string;
  readonly priceMicroPerKwh: string;
  readonly paymentMicro: string;
};

type ReportedTotal = { readonly boughtWh: string; readonly soldWh: string; readonly paymentMicro: string };

/** Puts a clearing into the words of the command line, with the participants' names. */
export function reportClearing({
  book,
  names,
  clearing,
  rejected,
}: NamedBook & { clearing: Clearing; rejected: readonly RefusedLine[] }): ClearReport {
  const totals = participantTotals(book, clearing);
  const nameOf = (number: number | undefined) => present(names[(number ?? 0) - 1], "a participant's name");
  const participants = Array.from(totals, ([number, total]): [string, ReportedTotal] => [
    nameOf(number),
    {
      boughtWh: total.bought.toString(),
      soldWh: total.sold.toString(),
      paymentMicro: total.paymentMicro.toString(),
    },
  ]);
  return {
    pricing: clearing.pricing,
    clearingPriceMicroPerKwh: clearing.clearingPriceMicroPerThousand?.toString() ?? null,
    clearedWh: clearing.clearedQuantity.toString(),
    welfareMicro: welfareMicro(book, clearing).toString(),
    trades: joinParts(book, pairTrades(book, clearing)).map(({ bid, offer, energyWh, price }) => ({
      buyer: nameOf(book.bids.participant[bid]),
      seller: nameOf(book.offers.participant[offer]),
      energyWh: energyWh.toString(),
      priceMicroPerKwh: price.toString(),
      paymentMicro: costRoundingDown({ energyWh, priceMicroPerKwh: BigInt(price) }).toString(),
    })),
    participants: Object.fromEntries(participants),
    remainderMicro: remainderMicro(totals).toString(),
    rejected,
  };
}

type Trade = { bid: number; offer: number; energyWh: bigint; price: number };

/** Joins neighbouring trades between the parts of orders that were too large for one. */
function joinParts(book: Book, trades: PairedTrades): Trade[] {
  const joined: Trade[] = [];
  trades.quantity.forEach((wh, i) => {
    const trade: Trade = {
      bid: trades.bid[i] as number,
      offer: trades.offer[i] as number,
      energyWh: BigInt(wh),
      price: trades.priceMicroPerThousand[i] as number,
    };
    const last = joined.at(-1);
    if (
      last !== undefined &&
      isSameOrder(book.bids, last.bid, trade.bid) &&
      isSameOrder(book.offers, last.offer, trade.offer)
    ) {
      last.energyWh += trade.energyWh;
    } else joined.push(trade);
  });
  return joined;
}

/** Whether two entries of a side are one participant's at one price. */
function isSameOrder(side: Book["bids"], index: number, other: number): boolean {
  return (
    side.participant[index] === side.participant[other] &&
    side.limitPriceMicroPerThousand[index] === side.limitPriceMicroPerThousand[other]
  );
}
