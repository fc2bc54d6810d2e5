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
  readonly boughtWh: bigint;
  readonly soldWh: bigint;
  readonly exactPayment: bigint;
  readonly paymentMicro: bigint;
};

/** Totals of every participant with an order in the book, traded or not, by rising number. */
export function participantTotals(book: Book, clearing: Clearing): Map<number, ParticipantTotal> {
  const slots = numberSlots(book);
  const boughtWh = sumFills({ side: book.bids, fillWh: clearing.bidFillWh, slots });
  const soldWh = sumFills({ side: book.offers, fillWh: clearing.offerFillWh, slots });
  const payments = sumPayments({ book, clearing, slots });
  const totals = new Map<number, ParticipantTotal>();
  for (const [participant, slot] of slots) {
    const exactPayment = payments.total(slot);
    totals.set(participant, {
      boughtWh: BigInt(boughtWh[slot] as number),
      soldWh: BigInt(soldWh[slot] as number),
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
  clearing.bidFillWh.forEach((fillWh, i) => {
    sums.add(0, fillWh, bids.limitPriceMicroPerKwh[i] as number);
  });
  clearing.offerFillWh.forEach((fillWh, i) => {
    sums.add(0, -fillWh, offers.limitPriceMicroPerKwh[i] as number);
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
  fillWh,
  slots,
}: {
  side: SideBook;
  fillWh: Uint32Array;
  slots: Slots;
}): Float64Array {
  const sums = new Float64Array(slots.size);
  fillWh.forEach((energyWh, i) => {
    const slot = slotOf(slots, side, i);
    sums[slot] = (sums[slot] as number) + energyWh;
  });
  return sums;
}

/** One price needs no pairs: each order's fill is paid at it. */
function sumPayments({ book, clearing, slots }: { book: Book; clearing: Clearing; slots: Slots }) {
  const sums = createExactSums(slots.size);
  const price = clearing.clearingPriceMicroPerKwh;
  if (price !== null) {
    clearing.bidFillWh.forEach((energyWh, i) => {
      sums.add(slotOf(slots, book.bids, i), energyWh, price);
    });
    clearing.offerFillWh.forEach((energyWh, i) => {
      sums.add(slotOf(slots, book.offers, i), -energyWh, price);
    });
    return sums;
  }
  const trades = pairTrades(book, clearing);
  trades.energyWh.forEach((energyWh, i) => {
    const tradePrice = trades.priceMicroPerKwh[i] as number;
    sums.add(slotOf(slots, book.bids, trades.bid[i] as number), energyWh, tradePrice);
    sums.add(slotOf(slots, book.offers, trades.offer[i] as number), -energyWh, tradePrice);
  });
  return sums;
}
