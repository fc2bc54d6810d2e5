import type { AccountsEvent } from "#domains/accounts/events.ts";
import { NOTICE_LAPSES_AFTER_SECONDS } from "#domains/accounts/rules/houseConstants.ts";
import { areaOfSeat, memberOfSeat } from "#domains/accounts/rules/seat.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import type { EventPlace } from "#platform/chain/contractSpec.ts";

/** Amounts by seat, micro ≥ 0. */
export type Postings = ReadonlyMap<number, bigint>;

/** Margin that is announced to leave from `payableAt` on, unix seconds, until the notice lapses. */
export type MarginNotice = { readonly amountMicro: bigint; readonly payableAt: number };

type Movement<Event> = { readonly event: Event; readonly amountMicro: bigint };

/**
 * What one market holds of the seats, micro, and what it moved in the transaction that is replayed.
 *
 * @property held taken into escrow and not explained yet, oldest first; `released` likewise
 * @property notices announced withdrawals of margin, by seat
 * @property isRetired margin leaves without a notice
 * @property debts what a seat owes another, micro > 0, by {@link debtKey}
 * @property transfers amounts that seats came to owe in the transaction and nothing has explained yet, oldest first
 * @property overflows payments that brought more than a margin holds
 */
export type MarketBook = {
  readonly margin: Map<number, bigint>;
  readonly notices: Map<number, MarginNotice>;
  isRetired: boolean;
  escrowMicro: bigint;
  held: Movement<AccountsEvent<"held">>[];
  released: Movement<AccountsEvent<"released">>[];
  readonly debts: Map<string, bigint>;
  readonly owed: Map<number, bigint>;
  transfers: Movement<AccountsEvent<"marginTransferred">>[];
  overflows: AccountsEvent<"marginOverflowed">[];
};

/**
 * The clearing house's books, micro.
 *
 * @property accountOf whose a seat is; its free balance takes what leaves its margins
 * @property free by account
 * @property markets of those markets that a domain replays
 * @property transfersDue deposits (positive) and withdrawals whose transfer of the currency has not come yet
 */
export type MoneyBooks = {
  readonly accountOf: (seat: number) => number | null;
  readonly free: Map<number, bigint>;
  readonly markets: Map<Address, MarketBook>;
  heldMicro: bigint;
  transfersDue: Movement<AccountsEvent<"deposited" | "withdrawn">>[];
};

export function createMoneyBooks(accountOf: MoneyBooks["accountOf"]): MoneyBooks {
  return { accountOf, free: new Map(), markets: new Map(), heldMicro: 0n, transfersDue: [] };
}

export function createMarketBook(): MarketBook {
  return {
    margin: new Map(),
    notices: new Map(),
    isRetired: false,
    escrowMicro: 0n,
    held: [],
    released: [],
    debts: new Map(),
    owed: new Map(),
    transfers: [],
    overflows: [],
  };
}

/** Books an event of the clearing house. Those of the registry say nothing of money. */
export function bookEvent(books: MoneyBooks, event: AccountsEvent): void {
  if (event.kind === "deposited") deposit(books, event);
  else if (event.kind === "withdrawn") withdraw(books, event);
  else if (event.kind === "marginAdded") addMargin(books, event);
  else if (event.kind === "marginWithdrawalAnnounced") announce(books, event);
  else if (event.kind === "marginWithdrawn") withdrawMargin(books, event);
  else if (event.kind === "marginOverflowed") overflow(books, event);
  else if (event.kind === "marginTransferred") transfer(books, event);
  else if (event.kind === "marketRetired") retire(books, event);
  else if (event.kind === "held") hold(books, event);
  else if (event.kind === "released") release(books, event);
}

function deposit(books: MoneyBooks, event: AccountsEvent<"deposited">): void {
  const { account, amountMicro } = event;
  add(books.free, account, amountMicro);
  books.heldMicro += amountMicro;
  books.transfersDue.push({ event, amountMicro });
}

function withdraw(books: MoneyBooks, event: AccountsEvent<"withdrawn">): void {
  takeFree(books, event, event.account);
  books.heldMicro -= event.amountMicro;
  books.transfersDue.push({ event, amountMicro: -event.amountMicro });
}

function addMargin(books: MoneyBooks, event: AccountsEvent<"marginAdded">): void {
  const { margin } = bookOf(books, event);
  takeFree(books, event, ownerOf(books, event));
  add(margin, event.seat, event.amountMicro);
}

function announce(books: MoneyBooks, event: AccountsEvent<"marginWithdrawalAnnounced">): void {
  const { seat, amountMicro, payableAt } = event;
  bookOf(books, event).notices.set(seat, { amountMicro, payableAt });
}

function withdrawMargin(books: MoneyBooks, event: AccountsEvent<"marginWithdrawn">): void {
  const { seat, amountMicro } = event;
  const book = bookOf(books, event);
  requireNotice(book, event);
  book.notices.delete(seat);
  takeMargin({ event, book, seat, amountMicro });
  requireDebtCovered(book, event);
  add(books.free, ownerOf(books, event), amountMicro);
}

/** What a seat owes does not leave its margin. */
function requireDebtCovered({ margin, owed }: MarketBook, event: AccountsEvent<"marginWithdrawn">): void {
  const owedMicro = owed.get(event.seat) ?? 0n;
  if (owedMicro === 0n || (margin.get(event.seat) ?? 0n) >= owedMicro) return;
  const finding = `margin of ${seatWords(event.seat)} left that it owes to others, ${owedMicro} micro`;
  throw discrepancyAt(event, { rule: "marginOwed", ...subjectOf(event.seat), finding });
}

/**
 * A seat pays another one what it owes, as far as its margin reaches. What it came to owe by that, a rule of the market must
 * explain; a debt that is only collected explains itself.
 */
function transfer(books: MoneyBooks, event: AccountsEvent<"marginTransferred">): void {
  const { from, to, paidMicro, owedMicro } = event;
  const book = bookOf(books, { ...event, amountMicro: paidMicro });
  const key = debtKey(from, to);
  const before = book.debts.get(key) ?? 0n;
  const dueMicro = paidMicro + owedMicro;
  const marginMicro = book.margin.get(from) ?? 0n;
  const rightMicro = dueMicro < marginMicro ? dueMicro : marginMicro;
  if (dueMicro < before || paidMicro !== rightMicro) {
    const finding = `${seatWords(from)} paid ${paidMicro} micro to ${seatWords(to)} and owes ${owedMicro} micro after it; it owed ${before} micro and had ${marginMicro} micro`;
    throw discrepancyAt(event, { rule: "debt", ...subjectOf(from), finding });
  }
  if (owedMicro === 0n) book.debts.delete(key);
  else book.debts.set(key, owedMicro);
  add(book.owed, from, owedMicro - before);
  takeMargin({ event, book, seat: from, amountMicro: paidMicro });
  add(book.margin, to, paidMicro);
  if (dueMicro > before) book.transfers.push({ event, amountMicro: dueMicro - before });
}

function debtKey(from: number, to: number): string {
  return `${from}/${to}`;
}

/** Margin leaves by a notice that is due and has not lapsed, and no more of it than was announced. */
function requireNotice({ notices, isRetired }: MarketBook, event: AccountsEvent<"marginWithdrawn">): void {
  const { seat, amountMicro, timestamp } = event;
  const notice = notices.get(seat);
  const isDue =
    notice !== undefined &&
    amountMicro <= notice.amountMicro &&
    timestamp >= notice.payableAt &&
    timestamp < notice.payableAt + NOTICE_LAPSES_AFTER_SECONDS;
  if (isRetired || isDue) return;
  const finding = `${amountMicro} micro left the margin of ${seatWords(seat)} without a notice that was due`;
  throw discrepancyAt(event, { rule: "marginNotice", ...subjectOf(seat), finding });
}

/** From then on margin leaves a market without notice. */
function retire({ markets }: MoneyBooks, { market }: AccountsEvent<"marketRetired">): void {
  const book = markets.get(market);
  if (book) book.isRetired = true;
}

/** A payment brought more than a margin holds. The payment itself is booked later in the same transaction. */
function overflow(books: MoneyBooks, event: AccountsEvent<"marginOverflowed">): void {
  const book = bookOf(books, event);
  add(book.margin, event.seat, -event.amountMicro);
  add(books.free, ownerOf(books, event), event.amountMicro);
  book.overflows.push(event);
}

type MarginEvent = AccountsEvent<"marginAdded" | "marginWithdrawn" | "marginOverflowed">;

function ownerOf({ accountOf }: MoneyBooks, event: MarginEvent): number {
  const account = accountOf(event.seat);
  if (account !== null) return account;
  const finding = `${seatWords(event.seat)} has a margin, and nobody is that member`;
  throw discrepancyAt(event, { rule: "unknownSeat", ...subjectOf(event.seat), finding });
}

/** A seat in a sentence. */
export function seatWords(seat: number): string {
  return `member ${memberOfSeat(seat)} of area ${areaOfSeat(seat)}`;
}

/** A seat as what a discrepancy is about. */
export function subjectOf(seat: number): { readonly areaId: number; readonly member: number } {
  return { areaId: areaOfSeat(seat), member: memberOfSeat(seat) };
}

function hold(books: MoneyBooks, event: AccountsEvent<"held">): void {
  const book = bookOf(books, event);
  book.escrowMicro += event.amountMicro;
  book.held.push({ event, amountMicro: event.amountMicro });
}

function release(books: MoneyBooks, event: AccountsEvent<"released">): void {
  const book = bookOf(books, event);
  book.escrowMicro -= event.amountMicro;
  book.released.push({ event, amountMicro: event.amountMicro });
}

function takeFree(
  books: MoneyBooks,
  event: AccountsEvent<"withdrawn" | "marginAdded">,
  account: number,
): void {
  const { amountMicro } = event;
  if (add(books.free, account, -amountMicro) >= 0n) return;
  const finding = `account ${account} moved ${amountMicro} micro that it did not have`;
  throw discrepancyAt(event, { rule: "freeOverdrawn", account, finding });
}

/** Takes an amount out of a seat's margin, which may not fall below zero. */
export function takeMargin({
  event,
  book,
  seat,
  amountMicro,
}: {
  event: EventPlace;
  book: MarketBook;
  seat: number;
  amountMicro: bigint;
}): void {
  const left = add(book.margin, seat, -amountMicro);
  if (left >= 0n) return;
  const finding = `the margin of ${seatWords(seat)} falls below zero, to ${left} micro`;
  throw discrepancyAt(event, { rule: "marginOverdrawn", ...subjectOf(seat), finding });
}

/** Adds to the amount of a seat or an account, and gives the sum. */
export function add(amounts: Map<number, bigint>, of: number, amountMicro: bigint): bigint {
  const sum = (amounts.get(of) ?? 0n) + amountMicro;
  amounts.set(of, sum);
  return sum;
}

/** The book of the market that moves money; nobody can say whether a market without rules here moves it rightly. */
function bookOf(
  books: MoneyBooks,
  event: EventPlace & { readonly market: Address; readonly amountMicro: bigint },
): MarketBook {
  const book = books.markets.get(event.market);
  if (book !== undefined) return book;
  const finding = `${event.amountMicro} micro were moved for the market ${event.market}, whose rules this audit does not know`;
  throw discrepancyAt(event, { rule: "unknownMarket", finding });
}
