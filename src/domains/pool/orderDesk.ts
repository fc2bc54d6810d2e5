import { orderDigest, type SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { type Address, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { recoverSigner } from "#kernel/crypto/signature.ts";
import { type IntervalId, intervalAt, startsAt } from "#kernel/units/interval.ts";
import { findRefusal, orderId as orderKey, type Refusal } from "#market/admission.ts";
import type { AreaTerms } from "#market/area.ts";

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

/** What the desk asks the registry. */
export type AccountDirectory = {
  /** Whose signature an order of the account needs, or null when the account may not trade in the area. */
  signerOf(account: number): Promise<Address | null>;
};

/** Orders ahead of time are taken for a week; more would let a sender fill the memory. */
const MAX_SECONDS_AHEAD = 7 * 86_400;
/** Orders an interval: what the kernel clears in some milliseconds and the chain takes in some hundred transactions. */
const MAX_BOOK_ORDERS = 100_000;

/** An order that the desk refused; `account` is null when nobody may trade in its name. */
export type DeskRefused = Extract<DeskAnswer, { status: "refused" }> & {
  readonly account: number | null;
  readonly intervalId: IntervalId;
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
}: {
  areaId: number;
  terms: AreaTerms;
  separator: Uint8Array;
  directory: AccountDirectory;
  now: () => number;
  keep: (order: OpenOrder) => Promise<void>;
  onRefusal?: (refused: DeskRefused) => void;
}): OrderDesk & { restore(orders: readonly OpenOrder[]): void } {
  const books = new Map<IntervalId, OpenBook>();
  const bookOf = (intervalId: IntervalId): OpenBook => {
    const book = books.get(intervalId) ?? { ids: new Set<string>(), orders: [] };
    books.set(intervalId, book);
    return book;
  };
  const put = (order: OpenOrder) => {
    const book = bookOf(order.intervalId);
    book.ids.add(orderKey(order));
    book.orders.push(order);
  };
  const remove = (order: OpenOrder) => {
    const book = books.get(order.intervalId);
    book?.ids.delete(orderKey(order));
    book?.orders.splice(book.orders.indexOf(order), 1);
  };
  const judge = (
    order: SubmittedOrder,
    signed: { digest: Uint8Array; signer: Address | null },
  ): DeskRefusal | null => {
    if (order.areaId !== areaId) return "unknownArea";
    const limit = intervalAt(now() + MAX_SECONDS_AHEAD, terms.intervalSeconds);
    if (order.intervalId > limit) return "intervalTooFar";
    const acceptedIds = books.get(order.intervalId)?.ids ?? NO_IDS;
    const rules = {
      gateClosesAt: gateClosesAt(order.intervalId, terms),
      now: now(),
      priceBand: {
        floorMicroPerKwh: Number(terms.floorMicroPerKwh),
        ceilingMicroPerKwh: Number(terms.ceilingMicroPerKwh),
      },
      isParticipant: () => signed.signer !== null,
    };
    const refusal = findRefusal({ order, rules, acceptedIds });
    if (refusal) return refusal;
    if (acceptedIds.size >= MAX_BOOK_ORDERS) return "bookFull";
    return recoverSigner(signed.digest, order.signature) === signed.signer ? null : "invalidSignature";
  };

  return {
    async submit(order) {
      const signer = await directory.signerOf(order.participant);
      const digest = orderDigest(order, { separator, areaId: order.areaId, intervalId: order.intervalId });
      const orderId = toHex(digest);
      const reason = judge(order, { digest, signer });
      if (reason) {
        const answer = { status: "refused" as const, orderId, reason, detail: explain(reason, order, terms) };
        const account = signer === null ? null : order.participant;
        onRefusal?.({ ...answer, account, intervalId: order.intervalId });
        return answer;
      }
      const open = { ...order, orderId, receivedAt: now() };
      put(open);
      await keep(open).catch((cause: unknown) => {
        // What is not durable is not accepted; it may be sent again.
        remove(open);
        throw cause;
      });
      return { status: "accepted", orderId, receivedAt: open.receivedAt };
    },
    openOrders: ({ intervalId } = {}) =>
      [...books]
        .filter(([id]) => intervalId === undefined || id === intervalId)
        .flatMap(([, { orders }]) => orders),
    takeBook(intervalId) {
      const orders = books.get(intervalId)?.orders ?? [];
      books.delete(intervalId);
      return orders;
    },
    restore(orders) {
      for (const order of orders) if (gateClosesAt(order.intervalId, terms) > now()) put(order);
    },
  };
}

type OpenBook = { readonly ids: Set<string>; readonly orders: OpenOrder[] };

const NO_IDS: ReadonlySet<string> = new Set();

/** Unix second from which no order of the interval is taken. */
export function gateClosesAt(intervalId: IntervalId, terms: AreaTerms): number {
  return startsAt(intervalId, terms.intervalSeconds) - terms.gateClosureSeconds;
}

function explain(reason: DeskRefusal, order: SubmittedOrder, terms: AreaTerms): string {
  const gate = `unix second ${gateClosesAt(order.intervalId, terms)}`;
  const band = `${terms.floorMicroPerKwh}…${terms.ceilingMicroPerKwh} micro/kWh`;
  const sentences: Record<DeskRefusal, string> = {
    gateClosed: `the gate of interval ${order.intervalId} closed at ${gate}`,
    unknownParticipant: `account ${order.participant} may not trade in area ${order.areaId}`,
    zeroEnergy: "an order of 0 Wh trades nothing",
    energyOutOfRange: `an energy of ${order.energyWh} Wh is outside 1…4294967295 Wh`,
    priceOutsideBand: `the limit price ${order.limitPriceMicroPerKwh} micro/kWh is outside ${band}`,
    duplicateId: `account ${order.participant} has an order of this side, price and sequence ${order.sequence} already`,
    unknownArea: `area ${order.areaId} is not traded at this desk`,
    intervalTooFar: `interval ${order.intervalId} starts in more than 7 days`,
    bookFull: `the book of interval ${order.intervalId} is full`,
    invalidSignature: `the order is not signed by whom account ${order.participant} answers to`,
  };
  return sentences[reason];
}
