import { type AccountsEvent, isAccountsEvent } from "#domains/accounts/events.ts";
import { MAX_MARGIN_MICRO, NOTICE_LAPSES_AFTER_SECONDS } from "#domains/accounts/rules/houseConstants.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import type { AuditBase, Replay } from "#platform/audit/replay.ts";
import { addressOf, type EventPlace } from "#platform/chain/contractSpec.ts";
import type { RegistryReplay } from "./auditRegistry.ts";
import { type BalanceSource, compareBooks } from "./compareBooks.ts";
import {
  add,
  bookEvent,
  createMarketBook,
  createMoneyBooks,
  type MarketBook,
  type MoneyBooks,
  type Postings,
  seatWords,
  subjectOf,
  takeMargin,
} from "./moneyBooks.ts";

/** The margins and the escrow of one market, which its rules explain movement by movement. */
export type MarketMoney = {
  /** What the market took into escrow in this transaction and nothing has explained yet, oldest first; null when nothing. */
  takeHeld(): bigint | null;
  /** What it let out of escrow, likewise. */
  takeReleased(): bigint | null;
  /** What a seat came to owe another in this transaction by a correction and nothing has explained yet, oldest first. */
  takeTransferred(): { readonly from: number; readonly to: number; readonly amountMicro: bigint } | null;
  /** Moves margins into escrow, by seat; no margin may fall below zero. */
  reserve(event: EventPlace, postings: Postings): void;
  /** Moves escrow into margins, by seat. */
  pay(postings: Postings): void;
  /**
   * What of a seat's margin counts for a delivery that starts at `coversFrom`, as the house reads it at `timestamp` (both unix
   * seconds): not what an announcement takes away before; micro.
   */
  countedMargin(seat: number, time: { readonly coversFrom: number; readonly timestamp: number }): bigint;
};

/** Whose seats are, and which there are; areas say. */
export type SeatSource = {
  accountOfSeat(seat: number): number | null;
  seats(): readonly number[];
};

/** The clearing house's books, kept anew from deposits, withdrawals and what the markets' rules explain (R7.3). */
export type MoneyReplay = Replay & {
  /** The books of one market, by the name of its contract. A market that nobody asked for is an unknown one. */
  moneyOf(contract: string): MarketMoney;
};

/**
 * Replays the money of a deployment. `balancesOf` gives the chain's own books at the last block, which the replayed ones
 * are compared with; null where they can't be had.
 */
export function replayMoney({
  deployment,
  registry,
  areas,
  balancesOf,
}: AuditBase & {
  registry: RegistryReplay;
  areas: SeatSource;
  balancesOf: BalanceSource | null;
}): MoneyReplay {
  const books = createMoneyBooks(areas.accountOfSeat);
  const house = addressOf(deployment, "clearingHouse");
  return {
    apply(event) {
      if (!isAccountsEvent(event)) return;
      if (event.kind === "tokenTransferred") answerTransfer({ books, registry, house, event });
      else bookEvent(books, event);
    },
    moneyOf: (contract) => moneyOf(openBook(books, addressOf(deployment, contract))),
    closeTransaction: () => closeTransaction(books),
    async finish(end) {
      if (balancesOf === null) return;
      const wanted = { accounts: registry.accounts(), seats: areas.seats() };
      const balances = await balancesOf(end.block, { ...wanted, markets: [...books.markets.keys()] });
      compareBooks({ block: end.block, ...wanted, books, balances });
    },
  };
}

function openBook({ markets }: MoneyBooks, market: Address): MarketBook {
  const book = markets.get(market) ?? createMarketBook();
  markets.set(market, book);
  return book;
}

function moneyOf(book: MarketBook): MarketMoney {
  return {
    takeHeld: () => book.held.shift()?.amountMicro ?? null,
    takeReleased: () => book.released.shift()?.amountMicro ?? null,
    takeTransferred() {
      const movement = book.transfers.shift();
      if (movement === undefined) return null;
      const { from, to } = movement.event;
      return { from, to, amountMicro: movement.amountMicro };
    },
    reserve(event, postings) {
      for (const [seat, amountMicro] of postings) takeMargin({ event, book, seat, amountMicro });
    },
    pay(postings) {
      for (const [seat, amountMicro] of postings) add(book.margin, seat, amountMicro);
    },
    countedMargin: (seat, time) => countedMargin(book, seat, time),
  };
}

/** A notice takes away what falls due before delivery starts, as long as it has not lapsed; what is owed counts for nothing. */
function countedMargin(
  { margin, notices, owed }: MarketBook,
  seat: number,
  { coversFrom, timestamp }: { readonly coversFrom: number; readonly timestamp: number },
): bigint {
  const marginMicro = margin.get(seat) ?? 0n;
  const notice = notices.get(seat);
  const isBinding =
    notice !== undefined &&
    coversFrom > notice.payableAt &&
    timestamp < notice.payableAt + NOTICE_LAPSES_AFTER_SECONDS;
  const boundMicro = (owed.get(seat) ?? 0n) + (isBinding ? notice.amountMicro : 0n);
  return marginMicro > boundMicro ? marginMicro - boundMicro : 0n;
}

/** A transfer must answer to the oldest deposit or withdrawal without one; gifts to the clearing house are nobody's. */
function answerTransfer({
  books: { transfersDue },
  registry,
  house,
  event,
}: {
  books: MoneyBooks;
  registry: RegistryReplay;
  house: Address;
  event: AccountsEvent<"tokenTransferred">;
}): void {
  const { from, to, amountMicro } = event;
  const isOut = from === house;
  const due = transfersDue[0];
  const isSame = due?.amountMicro === (isOut ? -amountMicro : amountMicro);
  const isOwner = due !== undefined && registry.ownerOf(due.event.account) === (isOut ? to : from);
  if (isSame && isOwner) {
    transfersDue.shift();
    return;
  }
  if (!isOut) return;
  const finding = `${amountMicro} micro left the clearing house for ${to} without a withdrawal`;
  throw discrepancyAt(event, { rule: "tokenTransfer", finding });
}

/** Every movement of a transaction must have been explained by its end. */
function closeTransaction(books: MoneyBooks): void {
  for (const book of books.markets.values()) {
    requireExplained(book);
    requireFullMargins(book);
  }
  const [due] = books.transfersDue;
  if (due === undefined) return;
  const finding = `no transfer of the settlement currency answers to ${due.amountMicro} micro booked`;
  throw discrepancyAt(due.event, { rule: "tokenTransfer", finding });
}

function requireExplained({ held, released, transfers }: MarketBook): void {
  const [movement] = [...held, ...released, ...transfers];
  if (movement === undefined) return;
  const finding = `the market moved ${movement.amountMicro} micro without a clearing, a settlement or a correction`;
  throw discrepancyAt(movement.event, { rule: "unexplainedMovement", finding });
}

/** Only what a full margin can't take flows over. */
function requireFullMargins(book: MarketBook): void {
  for (const event of book.overflows) {
    const { seat, amountMicro } = event;
    const marginMicro = book.margin.get(seat) ?? 0n;
    if (marginMicro >= MAX_MARGIN_MICRO) continue;
    const finding = `${amountMicro} micro of ${seatWords(seat)} went past its margin, which is ${marginMicro} micro and holds ${MAX_MARGIN_MICRO}`;
    throw discrepancyAt(event, { rule: "marginOverflow", ...subjectOf(seat), finding });
  }
  book.overflows = [];
}
