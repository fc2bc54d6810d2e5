import {
  MAX_PRICE_MICRO_PER_THOUSAND,
  MAX_QUANTITY,
  MIN_PRICE_MICRO_PER_THOUSAND,
  type Order,
  type Side,
} from "./order.ts";

/**
 * What an order must meet to enter a book (R5.6).
 *
 * @property gateClosesAt unix seconds; an order that arrives at this second is too late
 * @property now unix seconds of the order's arrival
 * @property priceBand both ends allowed, micro per thousand units: R5.6
 */
export type AdmissionRules<Participant> = {
  readonly gateClosesAt: number;
  readonly now: number;
  readonly priceBand?: { readonly floorMicroPerThousand: number; readonly ceilingMicroPerThousand: number };
  readonly isParticipant: (participant: Participant) => boolean;
};

/** Why an order is kept out of a book; the first that applies, in this order. */
export type Refusal =
  | "gateClosed"
  | "unknownParticipant"
  | "zeroQuantity"
  | "quantityOutOfRange"
  | "priceOutsideBand"
  | "bothSides"
  | "duplicateId";

export type RefusedOrder<Participant> = { readonly order: Order<Participant>; readonly reason: Refusal };

/** What admission made of a list of orders; both lists keep the order of arrival. */
export type Admission<Participant> = {
  readonly accepted: readonly Order<Participant>[];
  readonly rejected: readonly RefusedOrder<Participant>[];
};

type Name = string | number | bigint;

/**
 * What admission has to know of the orders that a book holds already.
 *
 * @property ids the {@link orderId} of each
 * @property sides on which side each participant stands
 */
export type AdmittedOrders<Participant> = {
  readonly ids: ReadonlySet<string>;
  readonly sides: ReadonlyMap<Participant, Side>;
};

/**
 * Parts the orders that may enter a book from those that may not. Of two orders with one id the first stands, and
 * of one participant's orders those on the side of its first: nobody trades with itself.
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
  const ids = new Set<string>();
  const sides = new Map<Participant, Side>();
  for (const order of orders) {
    const reason = findRefusal({ order, rules, admitted: { ids, sides } });
    if (reason === null) {
      accepted.push(order);
      ids.add(orderId(order));
      sides.set(order.participant, order.side);
    } else {
      rejected.push({ order, reason });
    }
  }
  return { accepted, rejected };
}

/**
 * Judges one order against the orders that a book holds already: the reason of its refusal, or null when it may enter.
 * The caller keeps what is `admitted`.
 */
export function findRefusal<Participant extends Name>({
  order,
  rules,
  admitted: { ids, sides },
}: {
  order: Order<Participant>;
  rules: AdmissionRules<Participant>;
  admitted: AdmittedOrders<Participant>;
}): Refusal | null {
  if (rules.now >= rules.gateClosesAt) return "gateClosed";
  if (!rules.isParticipant(order.participant)) return "unknownParticipant";
  if (order.quantity === 0) return "zeroQuantity";
  if (!isWithin(order.quantity, 1, MAX_QUANTITY)) return "quantityOutOfRange";
  if (!isWithinBand(order.limitPriceMicroPerThousand, rules)) return "priceOutsideBand";
  if ((sides.get(order.participant) ?? order.side) !== order.side) return "bothSides";
  return ids.has(orderId(order)) ? "duplicateId" : null;
}

/** What identifies an order within an interval's book: side, limit price, sequence and participant, as one text. */
export function orderId<Participant extends Name>(order: Order<Participant>): string {
  return `${order.side} ${order.limitPriceMicroPerThousand} ${order.sequence} ${order.participant}`;
}

/** The widest band is what an order can carry. */
function isWithinBand(
  priceMicroPerThousand: number,
  { priceBand }: Pick<AdmissionRules<never>, "priceBand">,
): boolean {
  return (
    isWithin(priceMicroPerThousand, MIN_PRICE_MICRO_PER_THOUSAND, MAX_PRICE_MICRO_PER_THOUSAND) &&
    (priceBand === undefined ||
      isWithin(priceMicroPerThousand, priceBand.floorMicroPerThousand, priceBand.ceilingMicroPerThousand))
  );
}

function isWithin(value: number, least: number, greatest: number): boolean {
  return Number.isInteger(value) && value >= least && value <= greatest;
}
