import type { MemberDirectory } from "#domains/metering/memberDirectory.ts";
import { findRefusal, type Refusal } from "#kernel/auction/admission.ts";
import { createOpenBooks, type OpenBooks } from "#kernel/auction/openBooks.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import { outsideBandText } from "#kernel/units/bandWords.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import { moneyWords } from "#kernel/units/moneyWords.ts";
import { dateTimeText } from "#platform/api/localTime.ts";
import type { QuotaStage, QuotaTermsSchedule, QuotaView } from "./quotaView.ts";
import {
  bidMicro,
  type QuotaOrderFault,
  quotaOrderFault,
  type StationStanding,
} from "./rules/quotaOrderFault.ts";
import { type PeriodId, type QuotaTerms, type Windows, windowsOf } from "./rules/quotaTerms.ts";
import { quotaOrderDigest, quotaOrderSigner, type SignedQuotaOrder } from "./rules/signedQuotaOrder.ts";

/** An order of quota as its station sends it: for which area and period, and signed. */
export type SubmittedQuotaOrder = SignedQuotaOrder & { readonly areaId: number; readonly period: PeriodId };

/** An order of quota that waits for its auction. */
export type OpenQuotaOrder = SubmittedQuotaOrder & { readonly orderId: Hex; readonly receivedAt: number };

/** Why the desk refuses an order: the auction's reasons, those of a station's orders together, and those of a desk. */
export type QuotaRefusal =
  | Refusal
  | QuotaOrderFault
  | "unknownArea"
  | "gateNotOpen"
  | "notRationed"
  | "sequenceOutOfRange"
  | "tooManyOrders"
  | "invalidSignature";

/** The desk's answer. `orderId` is the hash that was signed; `detail` one sentence with values and units. */
export type QuotaAnswer =
  | { readonly status: "accepted"; readonly orderId: Hex; readonly receivedAt: number }
  | {
      readonly status: "refused";
      readonly orderId: Hex;
      readonly reason: QuotaRefusal;
      readonly detail: string;
    };

/** An order of quota that the desk refused; `account` is null when nobody has the member's number. */
export type RefusedQuotaOrder = Extract<QuotaAnswer, { status: "refused" }> & {
  readonly member: number;
  readonly account: number | null;
  readonly period: PeriodId;
};

/**
 * Where bids and offers of quota are taken, from the division of the margin until the auction (R9.3, R9.7). Nobody sees the book
 * before that.
 */
export type QuotaDesk = {
  submit(order: SubmittedQuotaOrder): Promise<QuotaAnswer>;
  /** Takes the book of a period whose window is over; it is then gone from the desk. */
  takeBook(period: PeriodId): readonly OpenQuotaOrder[];
  /** Takes back orders that were accepted before a restart. */
  restore(orders: readonly OpenQuotaOrder[]): void;
};

/** Orders of a station a period: some for each vehicle of a large one. */
const MAX_STATION_ORDERS = 64;
/** Largest sequence of an order: the contract takes sixteen of a station at one price (OrderLib). */
export const MAX_QUOTA_SEQUENCE = 15;

type DeskOptions = {
  readonly areaId: number;
  readonly terms: Pick<QuotaTermsSchedule, "of">;
  readonly view: Pick<QuotaView, "periodOf" | "stationOf" | "quotaW">;
  readonly separator: Uint8Array;
  readonly directory: Pick<MemberDirectory, "standingOf" | "accountOf">;
  /** ISO 4217 code and time zone of what the desk says. */
  readonly currency: string;
  readonly timeZone: string;
  readonly now: () => number;
  readonly keep: (order: OpenQuotaOrder) => Promise<void>;
  readonly onRefusal?: (refused: RefusedQuotaOrder) => void;
};

/** What is known of the sender of an order; `mayTrade` whether somebody may sign for it. */
type Sent = {
  readonly order: SubmittedQuotaOrder;
  readonly terms: QuotaTerms;
  readonly windows: Windows;
  readonly stage: QuotaStage;
  readonly station: StationStanding;
  readonly mayTrade: boolean;
  readonly isSigned: () => boolean;
};

/**
 * Opens the desk of one area. `now` is the chain's time in unix seconds; `keep` makes an accepted order durable; `onRefusal` is
 * told of each order that is refused.
 */
export function openQuotaDesk(options: DeskOptions): QuotaDesk {
  const { areaId, separator, directory, now, keep, onRefusal } = options;
  const books = createOpenBooks<OpenQuotaOrder>((order) => order);
  return {
    async submit(order) {
      const { participant: member, period } = order;
      const orderId = toHex(quotaOrderDigest(order, { separator, areaId: order.areaId, period }));
      const sent = await inform(options, order);
      const reason = judge(sent, { areaId, now: now(), books });
      if (reason) {
        const answer = {
          status: "refused" as const,
          orderId,
          reason,
          detail: explain(reason, sent, options),
        };
        const account = await directory.accountOf({ areaId, member });
        onRefusal?.({ ...answer, member, account, period });
        return answer;
      }
      const open = { ...order, orderId, receivedAt: now() };
      books.put(period, open);
      await keep(open).catch((cause: unknown) => {
        // What is not durable is not accepted; it may be sent again.
        books.remove(period, open);
        throw cause;
      });
      return { status: "accepted", orderId, receivedAt: open.receivedAt };
    },
    takeBook: books.take,
    restore(orders) {
      for (const order of orders) books.put(order.period, order);
    },
  };
}

async function inform(
  { areaId, terms: schedule, view, separator, directory }: DeskOptions,
  order: SubmittedQuotaOrder,
): Promise<Sent> {
  const { participant: member, period } = order;
  const terms = schedule.of(period);
  const windows = windowsOf(period, terms);
  const [standing, here, { demandW, depositMicro }, quotaW] = await Promise.all([
    directory.standingOf({ areaId, member, closesAt: windows.ordersEndAt }),
    view.periodOf(period),
    view.stationOf(period, member),
    view.quotaW(period, member),
  ]);
  const prices = {
    tariffMicroPerKwh: here.tariffMicroPerKwh,
    penaltyPermille: BigInt(terms.penaltyPermille),
  };
  const { capacityW, isTradable: mayTrade, signer } = standing;
  const { periodSeconds } = terms;
  const context = { separator, areaId: order.areaId, period };
  return {
    ...{ order, terms, windows, stage: here.stage, mayTrade },
    station: { demandW, quotaW, capacityW, depositMicro, prices, periodSeconds },
    isSigned: () => quotaOrderSigner(order, context) === signer,
  };
}

/** Why an order is refused; null when it is accepted. What stands in the book is told to its owner alone. */
function judge(
  { order, terms, windows, stage, station, mayTrade, isSigned }: Sent,
  { areaId, now, books }: { areaId: number; now: number; books: OpenBooks<OpenQuotaOrder> },
): QuotaRefusal | null {
  if (order.areaId !== areaId) return "unknownArea";
  if (now < windows.allocationEndsAt) return "gateNotOpen";
  if (now < windows.ordersEndAt && stage !== "rationed") return "notRationed";
  const refusal = findRefusal({
    order,
    rules: {
      gateClosesAt: windows.ordersEndAt,
      now,
      priceBand: {
        floorMicroPerThousand: terms.floorMicroPerKw,
        ceilingMicroPerThousand: terms.ceilingMicroPerKw,
      },
      isParticipant: () => mayTrade,
    },
    admitted: books.admitted(order.period),
  });
  const tellsOfBook = refusal === "bothSides" || refusal === "duplicateId";
  if (refusal && !tellsOfBook) return refusal;
  if (order.sequence > MAX_QUOTA_SEQUENCE) return "sequenceOutOfRange";
  if (!isSigned()) return "invalidSignature";
  if (refusal) return refusal;
  const own = books.itemsOf(order.period).filter(({ participant }) => participant === order.participant);
  if (own.length >= MAX_STATION_ORDERS) return "tooManyOrders";
  return quotaOrderFault([...own, order], station);
}

function explain(
  reason: QuotaRefusal,
  { order, terms, windows, station }: Sent,
  { currency, timeZone }: Pick<DeskOptions, "currency" | "timeZone">,
): string {
  const member = `station ${order.participant}`;
  const { period, quantity, limitPriceMicroPerThousand: price } = order;
  const { quotaW, capacityW, depositMicro } = station;
  const { money } = moneyWords(currency);
  const time = (unixSeconds: number) => dateTimeText(unixSeconds, timeZone);
  const kW = (powerW: number) => `${formatKwh(BigInt(powerW))} kW`;
  const band = { floor: BigInt(terms.floorMicroPerKw), ceiling: BigInt(terms.ceilingMicroPerKw), unit: "kW" };
  const sentences: Record<QuotaRefusal, string> = {
    unknownArea: `area ${order.areaId} is not traded at this desk`,
    gateNotOpen: `bids and offers for period ${period} are taken from ${time(windows.allocationEndsAt)} on`,
    gateClosed: `bids and offers for period ${period} were taken until ${time(windows.ordersEndAt)}`,
    notRationed: `period ${period} has no auction: its margin was not rationed`,
    unknownParticipant: `${member} may not trade in area ${order.areaId}`,
    zeroQuantity: "an order of 0 W trades nothing",
    quantityOutOfRange: `a quota of ${quantity} W is outside 1…4,294,967,295 W`,
    priceOutsideBand: `a limit of ${outsideBandText({ ...band, currency, micro: BigInt(Math.trunc(price)) })}`,
    sequenceOutOfRange: `the sequence ${order.sequence} is outside 0…${MAX_QUOTA_SEQUENCE}`,
    bothSides: `${member} has ${order.side === "bid" ? "an offer" : "a bid"} for period ${period} already: a station bids or offers, not both`,
    duplicateId: `${member} has an order of this side, price and sequence ${order.sequence} already`,
    tooManyOrders: `${member} has ${MAX_STATION_ORDERS} orders for period ${period} already`,
    noDemand: `${member} demanded nothing for period ${period}`,
    sellsMoreThanQuota: `the offers of ${member} exceed its quota of ${kW(quotaW)}`,
    aboveCapacity: `with its bids ${member} would have more than the ${kW(capacityW)} that its connection carries`,
    bidNotCovered: `a bid of up to ${money(bidMicro(order))}, with what ${member} may have to pay besides, exceeds its deposit of ${money(depositMicro)}`,
    invalidSignature: `the order is not signed by the signer of ${member}`,
  };
  return sentences[reason];
}
