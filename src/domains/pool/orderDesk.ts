import type { MemberPlace } from "#domains/accounts/rules/seat.ts";
import type { MemberGate, MemberStanding } from "#domains/accounts/rules/standing.ts";
import { connectionWh, findRefusal, type Refusal, tellsOfBook } from "#domains/pool/rules/admission.ts";
import { type AreaTerms, gateClosesAt } from "#domains/pool/rules/area.ts";
import { auctionOrder, MAX_SEQUENCE } from "#domains/pool/rules/order.ts";
import { orderDigest, orderSigner, type SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import type { AdmittedOrders } from "#kernel/auction/admission.ts";
import { createOpenBooks } from "#kernel/auction/openBooks.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import { outsideBandText } from "#kernel/units/bandWords.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { type IntervalId, intervalAt } from "#kernel/units/interval.ts";
import { dateTimeText } from "#platform/api/localTime.ts";
import type { TermsSchedule } from "./termsSchedule.ts";

/** An order as its owner sends it: for which area and interval, and signed. */
export type SubmittedOrder = SignedOrder & { readonly areaId: number; readonly intervalId: IntervalId };

/** Why the desk refuses an order: the market's reasons, and those of a desk. */
export type DeskRefusal = Refusal | "unknownArea" | "intervalTooFar" | "bookFull" | "invalidSignature";

/** The desk's answer. `orderId` is the hash that was signed; `detail` one sentence with values and units. */
export type DeskAnswer =
  | { readonly status: "accepted"; readonly orderId: Hex; readonly receivedAt: number }
  | {
      readonly status: "refused";
      readonly orderId: Hex;
      readonly reason: DeskRefusal;
      readonly detail: string;
    };

/** An order that waits for its gate to close. */
export type OpenOrder = SubmittedOrder & { readonly orderId: Hex; readonly receivedAt: number };

/** The operator's desk, where orders are taken until the gate of their interval closes (R5.9, R5.46). */
export type OrderDesk = {
  submit(order: SubmittedOrder): Promise<DeskAnswer>;
  /** Orders that wait, of one interval or of all, by arrival. */
  openOrders(filter?: { intervalId?: IntervalId }): readonly OpenOrder[];
  /** Takes the book of an interval, whose gate is closed; it is then gone from the desk. */
  takeBook(intervalId: IntervalId): readonly OpenOrder[];
};

/** Takes back orders of intervals that are not cleared yet, as they were accepted before a restart. */
type RestorableDesk = { restore(orders: readonly OpenOrder[]): void };

/** What the desk asks the registries. */
type MemberDirectory = {
  /** Whose signature an order of a member needs when its gate closes, and what its connection carries. */
  standingOf(gate: MemberGate): Promise<MemberStanding>;
  /** Whose a member is; null of a number that nobody has. */
  accountOf(place: MemberPlace): Promise<number | null>;
};

/** Orders ahead of time are taken for a week; more would let a sender fill the memory. */
const MAX_SECONDS_AHEAD = 7 * 86_400;
/** Orders an interval: what the kernel clears in some milliseconds and the chain takes in some hundred transactions. */
const MAX_BOOK_ORDERS = 100_000;

/** An order that the desk refused; `account` is null when nobody has the member's number. */
export type DeskRefused = Extract<DeskAnswer, { status: "refused" }> & {
  readonly member: number;
  readonly account: number | null;
  readonly intervalId: IntervalId;
};

type DeskOptions = {
  readonly areaId: number;
  readonly terms: Pick<TermsSchedule, "of">;
  readonly separator: Uint8Array;
  readonly directory: MemberDirectory;
  /** ISO 4217 code and time zone of what the desk says. */
  readonly currency: string;
  readonly timeZone: string;
  readonly now: () => number;
  readonly keep: (order: OpenOrder) => Promise<void>;
  readonly onRefusal?: (refused: DeskRefused) => void;
};

/**
 * Opens the desk of one area. `now` is the chain's time in unix seconds; `keep` makes an accepted order durable;
 * `onRefusal` is told of each order that is refused.
 */
export function openOrderDesk({
  areaId,
  terms,
  separator,
  directory,
  now,
  keep,
  onRefusal,
  ...words
}: DeskOptions): OrderDesk & RestorableDesk {
  const books = createOpenBooks<OpenOrder>(auctionOrder);
  const contextOf = (order: SubmittedOrder) => ({
    separator,
    areaId: order.areaId,
    intervalId: order.intervalId,
  });
  const judge = (order: SubmittedOrder, standing: MemberStanding) => {
    const admitted = books.admitted(order.intervalId);
    const isSigned = () => orderSigner(order, contextOf(order)) === standing.signer;
    const place = { areaId, terms: terms.of(order.intervalId), now: now() };
    return judgeOrder(place, admitted, order, { standing, isSigned });
  };

  return {
    async submit(order) {
      const { participant: member, intervalId } = order;
      const closesAt = gateClosesAt(intervalId, terms.of(intervalId));
      const standing = await directory.standingOf({ areaId, member, closesAt });
      const orderId = toHex(orderDigest(order, contextOf(order)));
      const reason = judge(order, standing);
      if (reason) {
        const detail = explain(reason, order, { ...words, terms: terms.of(intervalId), standing });
        const answer = { status: "refused" as const, orderId, reason, detail };
        const account = await directory.accountOf({ areaId, member });
        onRefusal?.({ ...answer, member, account, intervalId });
        return answer;
      }
      const open = orderDigest.carry(order, { ...order, orderId, receivedAt: now() });
      books.put(intervalId, open);
      await keep(open).catch((cause: unknown) => {
        // What is not durable is not accepted; it may be sent again.
        books.remove(intervalId, open);
        throw cause;
      });
      return { status: "accepted", orderId, receivedAt: open.receivedAt };
    },
    openOrders: ({ intervalId } = {}) => (intervalId === undefined ? books.all() : books.itemsOf(intervalId)),
    takeBook: books.take,
    restore(orders) {
      for (const order of orders) books.put(order.intervalId, order);
    },
  };
}

/** How the order's member stands, and whether its signer signed. */
type SignerOfOrder = { readonly standing: MemberStanding; readonly isSigned: () => boolean };

/** Why an order is refused; null when it is accepted. `admitted` are those of its interval. */
function judgeOrder(
  { areaId, terms, now }: { readonly areaId: number; readonly terms: AreaTerms; readonly now: number },
  admitted: AdmittedOrders<number>,
  order: SubmittedOrder,
  { standing, isSigned }: SignerOfOrder,
): DeskRefusal | null {
  if (order.areaId !== areaId) return "unknownArea";
  const limit = intervalAt(now + MAX_SECONDS_AHEAD, terms.intervalSeconds);
  if (order.intervalId > limit) return "intervalTooFar";
  const rules = {
    gateClosesAt: gateClosesAt(order.intervalId, terms),
    now,
    priceBand: {
      floorMicroPerKwh: Number(terms.floorMicroPerKwh),
      ceilingMicroPerKwh: Number(terms.ceilingMicroPerKwh),
    },
    isParticipant: () => standing.isTradable,
    connectionWh: connectionWh(standing.capacityW, terms),
  };
  const refusal = findRefusal({ order, rules, admitted });
  if (refusal && !tellsOfBook(refusal)) return refusal;
  // What stands in the book is told to its owner alone.
  if (!isSigned()) return "invalidSignature";
  return refusal ?? (admitted.ids.size >= MAX_BOOK_ORDERS ? "bookFull" : null);
}

function explain(
  reason: DeskRefusal,
  order: SubmittedOrder,
  {
    terms,
    standing: { capacityW },
    currency,
    timeZone,
  }: Pick<DeskOptions, "currency" | "timeZone"> & { terms: AreaTerms; standing: MemberStanding },
): string {
  const member = `member ${order.participant}`;
  const gate = dateTimeText(gateClosesAt(order.intervalId, terms), timeZone);
  const kWh = (energyWh: number) => `${formatKwh(BigInt(Math.trunc(energyWh)))} kWh`;
  const kW = `${formatKwh(BigInt(capacityW))} kW`;
  const band = { floor: terms.floorMicroPerKwh, ceiling: terms.ceilingMicroPerKwh, unit: "kWh" };
  const sentences: Record<DeskRefusal, string> = {
    gateClosed: `the gate of interval ${order.intervalId} closed at ${gate}`,
    unknownParticipant: `${member} may not trade in area ${order.areaId}`,
    zeroEnergy: "an order of 0 kWh trades nothing",
    energyOutOfRange: `an energy of ${order.energyWh} Wh is outside 1…4,294,967,295 Wh`,
    sequenceOutOfRange: `the sequence ${order.sequence} is outside 0…${MAX_SEQUENCE}`,
    aboveConnection: `${kWh(order.energyWh)} are more than the ${kWh(connectionWh(capacityW, terms))} that the connection of ${member}, ${kW}, carries in the interval`,
    priceOutsideBand: `a limit of ${outsideBandText({ ...band, currency, micro: BigInt(Math.trunc(order.limitPriceMicroPerKwh)) })}`,
    bothSides: `${member} has ${order.side === "bid" ? "an offer" : "a bid"} in interval ${order.intervalId} already: a member bids or offers in an interval, not both`,
    duplicateId: `${member} has an order of this side, price and sequence ${order.sequence} already`,
    unknownArea: `area ${order.areaId} is not traded at this desk`,
    intervalTooFar: `interval ${order.intervalId} starts in more than 7 days`,
    bookFull: `the book of interval ${order.intervalId} is full`,
    invalidSignature: `the order is not signed by the signer of ${member}`,
  };
  return sentences[reason];
}
