import { MAX_ORDER_WH, MAX_PRICE_MICRO_PER_KWH, MIN_PRICE_MICRO_PER_KWH, type Order } from "./order.ts";

/**
 * What an order must meet to enter a book (R5.6).
 *
 * @property gateClosesAt unix seconds; an order that arrives at this second is too late
 * @property now unix seconds of the order's arrival
 * @property priceBand both ends allowed, micro per kWh: the feed-in price and the retail price
 */
export type AdmissionRules<Participant> = {
  readonly gateClosesAt: number;
  readonly now: number;
  readonly priceBand?: { readonly floorMicroPerKwh: number; readonly ceilingMicroPerKwh: number };
  readonly isParticipant: (participant: Participant) => boolean;
};

/** Why an order is kept out of a book; the first that applies, in this order. */
export type Refusal =
  | "gateClosed"
  | "unknownParticipant"
  | "zeroEnergy"
  | "energyOutOfRange"
  | "priceOutsideBand"
  | "duplicateId";

export type RefusedOrder<Participant> = { readonly order: Order<Participant>; readonly reason: Refusal };

/** What admission made of a list of orders; both lists keep the order of arrival. */
export type Admission<Participant> = {
  readonly accepted: readonly Order<Participant>[];
  readonly rejected: readonly RefusedOrder<Participant>[];
};

type Name = string | number | bigint;

/**
 * Parts the orders that may enter a book from those that may not. Of two orders with one id the first stands.
 * The sequence is not judged: it is eight bits wherever orders are decoded.
 */
export function admitOrders<Participant extends Name>({
  orders,
  rules,
}: {
  orders: readonly Order<Participant>[];
  rules: AdmissionRules<Participant>;
}): Admission<Participant> {
  const accepted: Order<Participant>[] = [];
  const rejected: RefusedOrder<Participant>[] = [];
  const acceptedIds = new Set<string>();
  for (const order of orders) {
    const reason = findRefusal({ order, rules, acceptedIds });
    if (reason === null) {
      accepted.push(order);
      acceptedIds.add(orderId(order));
    } else {
      rejected.push({ order, reason });
    }
  }
  return { accepted, rejected };
}

/**
 * Judges one order against the orders that a book holds already: the reason of its refusal, or null when it may enter.
 * The caller keeps `acceptedIds`, the {@link orderId} of each order of the book.
 */
export function findRefusal<Participant extends Name>({
  order,
  rules,
  acceptedIds,
}: {
  order: Order<Participant>;
  rules: AdmissionRules<Participant>;
  acceptedIds: ReadonlySet<string>;
}): Refusal | null {
  if (rules.now >= rules.gateClosesAt) return "gateClosed";
  if (!rules.isParticipant(order.participant)) return "unknownParticipant";
  if (order.energyWh === 0) return "zeroEnergy";
  if (!isWithin(order.energyWh, 1, MAX_ORDER_WH)) return "energyOutOfRange";
  if (!isWithinBand(order.limitPriceMicroPerKwh, rules)) return "priceOutsideBand";
  return acceptedIds.has(orderId(order)) ? "duplicateId" : null;
}

/** What identifies an order within an interval's book: side, limit price, sequence and participant, as one text. */
export function orderId<Participant extends Name>(order: Order<Participant>): string {
  return `${order.side} ${order.limitPriceMicroPerKwh} ${order.sequence} ${order.participant}`;
}

/** The widest band is what an order can carry. */
function isWithinBand(
  priceMicroPerKwh: number,
  { priceBand }: Pick<AdmissionRules<never>, "priceBand">,
): boolean {
  return (
    isWithin(priceMicroPerKwh, MIN_PRICE_MICRO_PER_KWH, MAX_PRICE_MICRO_PER_KWH) &&
    (priceBand === undefined ||
      isWithin(priceMicroPerKwh, priceBand.floorMicroPerKwh, priceBand.ceilingMicroPerKwh))
  );
}

function isWithin(value: number, least: number, greatest: number): boolean {
  return Number.isInteger(value) && value >= least && value <= greatest;
}
