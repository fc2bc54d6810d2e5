import { present } from "#kernel/units/assert.ts";
import { microRoundingDown, microRoundingUp } from "#kernel/units/money.ts";
import type { Book, SideBook } from "./book.ts";
import type { Clearing } from "./clearing.ts";
import { createExactSums } from "./exactSums.ts";
import { pairTrades } from "./trades.ts";

/**
 * What a clearing means for one participant.
 *
 * @property exactPayment Σ bought × price − Σ sold × price, in thousandths of a micro; positive pays
 * @property paymentMicro the same in micro, rounded up once: a payer never pays less, a payee never gets more
 */
export type ParticipantTotal = {
  readonly bought: bigint;
  readonly sold: bigint;
  readonly exactPayment: bigint;
  readonly paymentMicro: bigint;
};

/** Totals of every participant with an order in the book, traded or not, by rising number. */
export function participantTotals(book: Book, clearing: Clearing): Map<number, ParticipantTotal> {
  const slots = numberSlots(book);
  const bought = sumFills({ side: book.bids, fills: clearing.bidFills, slots });
  const sold = sumFills({ side: book.offers, fills: clearing.offerFills, slots });
  const payments = sumPayments({ book, clearing, slots });
  const totals = new Map<number, ParticipantTotal>();
  for (const [participant, slot] of slots) {
    const exactPayment = payments.total(slot);
    totals.set(participant, {
      bought: BigInt(bought[slot] as number),
      sold: BigInt(sold[slot] as number),
      exactPayment,
      paymentMicro: microRoundingUp(exactPayment),
    });
  }
  return totals;
}

/**
 * What rounding left over, for the named account: the sum of all payments, in micro. Never negative and at most one
 * micro a participant, since exact payments cancel out and each is rounded up by less than one.
 */
export function remainderMicro(totals: ReadonlyMap<number, ParticipantTotal>): bigint {
  let sum = 0n;
  for (const { paymentMicro } of totals.values()) sum += paymentMicro;
  return sum;
}

/** Worth of what is bought less cost of what is sold, at limit prices, in micro, rounded down once. */
export function welfareMicro({ bids, offers }: Book, clearing: Clearing): bigint {
  const sums = createExactSums(1);
  clearing.bidFills.forEach((fills, i) => {
    sums.add(0, fills, bids.limitPriceMicroPerThousand[i] as number);
  });
  clearing.offerFills.forEach((fills, i) => {
    sums.add(0, -fills, offers.limitPriceMicroPerThousand[i] as number);
  });
  return microRoundingDown(sums.total(0));
}

/** Place of each participant in the arrays of sums, by rising number. */
type Slots = ReadonlyMap<number, number>;

function numberSlots({ bids, offers }: Book): Slots {
  const participants = new Set<number>(bids.participant);
  for (const participant of offers.participant) participants.add(participant);
  const rising = Uint32Array.from(participants).sort();
  return new Map(Array.from(rising, (participant, slot) => [participant, slot]));
}

function slotOf(slots: Slots, side: SideBook, index: number): number {
  return present(slots.get(side.participant[index] as number), "a participant's slot");
}

function sumFills({
  side,
  fills,
  slots,
}: {
  side: SideBook;
  fills: Uint32Array;
  slots: Slots;
}): Float64Array {
  const sums = new Float64Array(slots.size);
  fills.forEach((quantity, i) => {
    const slot = slotOf(slots, side, i);
    sums[slot] = (sums[slot] as number) + quantity;
  });
  return sums;
}

/** One price needs no pairs: each order's fill is paid at it. */
function sumPayments({ book, clearing, slots }: { book: Book; clearing: Clearing; slots: Slots }) {
  const sums = createExactSums(slots.size);
  const price = clearing.clearingPriceMicroPerThousand;
  if (price !== null) {
    clearing.bidFills.forEach((quantity, i) => {
      sums.add(slotOf(slots, book.bids, i), quantity, price);
    });
    clearing.offerFills.forEach((quantity, i) => {
      sums.add(slotOf(slots, book.offers, i), -quantity, price);
    });
    return sums;
  }
  const trades = pairTrades(book, clearing);
  trades.quantity.forEach((quantity, i) => {
    const tradePrice = trades.priceMicroPerThousand[i] as number;
    sums.add(slotOf(slots, book.bids, trades.bid[i] as number), quantity, tradePrice);
    sums.add(slotOf(slots, book.offers, trades.offer[i] as number), -quantity, tradePrice);
  });
  return sums;
}
