import type { AccountsEvent } from "#domains/accounts/events.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import type { EventPlace } from "#platform/chain/contractSpec.ts";

/** Amounts by account, micro ≥ 0. */
export type Postings = ReadonlyMap<number, bigint>;

type Movement<Event> = { readonly event: Event; readonly amountMicro: bigint };

/**
 * What one market holds of the accounts, micro, and what it moved in the transaction that is replayed.
 *
 * @property held taken into escrow and not explained yet, oldest first; `released` likewise
 * @property overflows payments that brought more than a margin holds
 * @property uncertain accounts of a clearing that is not finished: what it reserved is known in sum only
 */
export type MarketBook = {
  readonly margin: Map<number, bigint>;
  escrowMicro: bigint;
  held: Movement<AccountsEvent<"held">>[];
  released: Movement<AccountsEvent<"released">>[];
  overflows: AccountsEvent<"marginOverflowed">[];
  readonly uncertain: Set<number>;
};

/**
 * The clearing house's books, micro.
 *
 * @property markets of those markets that a domain replays
 * @property transfersDue deposits (positive) and withdrawals whose transfer of the currency has not come yet
 */
export type MoneyBooks = {
  readonly free: Map<number, bigint>;
  readonly markets: Map<Address, MarketBook>;
  heldMicro: bigint;
  transfersDue: Movement<AccountsEvent<"deposited" | "withdrawn">>[];
};

export function createMoneyBooks(): MoneyBooks {
  return { free: new Map(), markets: new Map(), heldMicro: 0n, transfersDue: [] };
}

export function createMarketBook(): MarketBook {
  return { margin: new Map(), escrowMicro: 0n, held: [], released: [], overflows: [], uncertain: new Set() };
}

/** Books an event of the clearing house. Those of the registry say nothing of money. */
export function bookEvent(books: MoneyBooks, event: AccountsEvent): void {
  if (event.kind === "deposited") deposit(books, event);
  else if (event.kind === "withdrawn") withdraw(books, event);
  else if (event.kind === "marginAdded") addMargin(books, event);
  else if (event.kind === "marginWithdrawn") withdrawMargin(books, event);
  else if (event.kind === "marginOverflowed") overflow(books, event);
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
  takeFree(books, event);
  books.heldMicro -= event.amountMicro;
  books.transfersDue.push({ event, amountMicro: -event.amountMicro });
}

function addMargin(books: MoneyBooks, event: AccountsEvent<"marginAdded">): void {
  const { margin } = bookOf(books, event);
  takeFree(books, event);
  add(margin, event.account, event.amountMicro);
}

function withdrawMargin(books: MoneyBooks, event: AccountsEvent<"marginWithdrawn">): void {
  const { account, amountMicro } = event;
  takeMargin({ event, book: bookOf(books, event), account, amountMicro });
  add(books.free, account, amountMicro);
}

/** A payment brought more than a margin holds. The payment itself is booked later in the same transaction. */
function overflow(books: MoneyBooks, event: AccountsEvent<"marginOverflowed">): void {
  const book = bookOf(books, event);
  add(book.margin, event.account, -event.amountMicro);
  add(books.free, event.account, event.amountMicro);
  book.overflows.push(event);
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

function takeFree(books: MoneyBooks, event: AccountsEvent<"withdrawn" | "marginAdded">): void {
  const { account, amountMicro } = event;
  if (add(books.free, account, -amountMicro) >= 0n) return;
  const finding = `account ${account} moved ${amountMicro} micro that it did not have`;
  throw discrepancyAt(event, { rule: "freeOverdrawn", account, finding });
}

/** Takes an amount out of an account's margin, which may not fall below zero. */
export function takeMargin({
  event,
  book,
  account,
  amountMicro,
}: {
  event: EventPlace;
  book: MarketBook;
  account: number;
  amountMicro: bigint;
}): void {
  const left = add(book.margin, account, -amountMicro);
  if (left >= 0n) return;
  const finding = `the margin of account ${account} falls below zero, to ${left} micro`;
  throw discrepancyAt(event, { rule: "marginOverdrawn", account, finding });
}

/** Adds to an account's amount, and gives the sum. */
export function add(amounts: Map<number, bigint>, account: number, amountMicro: bigint): bigint {
  const sum = (amounts.get(account) ?? 0n) + amountMicro;
  amounts.set(account, sum);
  return sum;
}

/** The book of the market that moves money; nobody can say whether a market without rules here moves it rightly. */
function bookOf(
  books: MoneyBooks,
  event: AccountsEvent<"marginAdded" | "held" | "released" | "marginWithdrawn" | "marginOverflowed">,
): MarketBook {
  const book = books.markets.get(event.market);
  if (book !== undefined) return book;
  const finding = `${event.amountMicro} micro were moved for the market ${event.market}, whose rules this audit does not know`;
  throw discrepancyAt(event, { rule: "unknownMarket", finding });
}
