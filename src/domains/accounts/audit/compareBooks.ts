import type { Address } from "#kernel/crypto/hex.ts";
import { discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import { type MarketBook, type MoneyBooks, seatWords, subjectOf } from "./moneyBooks.ts";

/** Money of one market as the chain says, micro: margins by seat. */
export type MarketBalances = {
  readonly marginMicro: ReadonlyMap<number, bigint>;
  readonly escrowMicro: bigint;
};

/** Money of the clearing house as the chain says at one block, micro. */
export type HouseBalances = {
  readonly freeMicro: ReadonlyMap<number, bigint>;
  readonly markets: ReadonlyMap<Address, MarketBalances>;
  readonly heldMicro: bigint;
  readonly tokenBalanceMicro: bigint;
};

/** Gives the clearing house's own books after a block, for these accounts, seats and markets. */
export type BalanceSource = (
  block: number,
  wanted: {
    readonly accounts: readonly number[];
    readonly seats: readonly number[];
    readonly markets: readonly Address[];
  },
) => Promise<HouseBalances>;

type Comparison = {
  readonly block: number;
  readonly accounts: readonly number[];
  readonly seats: readonly number[];
  readonly books: MoneyBooks;
  readonly balances: HouseBalances;
};

const NO_BALANCES: MarketBalances = { marginMicro: new Map(), escrowMicro: 0n };

/** Compares the replayed books with the chain's: each balance, each margin and escrow of each market, and the totals. */
export function compareBooks(comparison: Comparison): void {
  compareFree(comparison);
  for (const [market, book] of comparison.books.markets) compareMarket(comparison, market, book);
  compareHeld(comparison);
  requireWhole(comparison);
}

function compareFree({ block, accounts, books, balances }: Comparison): void {
  for (const account of accounts) {
    const [booked, replayed] = [balances.freeMicro.get(account) ?? 0n, books.free.get(account) ?? 0n];
    if (booked === replayed) continue;
    const finding = `account ${account} has ${booked} micro free on the chain, ${replayed} by its history`;
    throw discrepancyAt(headOf(block), { rule: "freeBalance", account, finding });
  }
}

function compareMarket({ block, seats, balances }: Comparison, market: Address, book: MarketBook): void {
  const { marginMicro, escrowMicro } = balances.markets.get(market) ?? NO_BALANCES;
  for (const seat of seats) {
    const [booked, replayed] = [marginMicro.get(seat) ?? 0n, book.margin.get(seat) ?? 0n];
    if (booked === replayed) continue;
    const finding = `the margin of ${seatWords(seat)} is ${booked} micro on the chain, ${replayed} by its history`;
    throw discrepancyAt(headOf(block), { rule: "margin", ...subjectOf(seat), finding });
  }
  if (escrowMicro === book.escrowMicro) return;
  const finding = `the market has ${escrowMicro} micro in escrow on the chain, ${book.escrowMicro} by its history`;
  throw discrepancyAt(headOf(block), { rule: "escrow", finding });
}

function compareHeld({ block, books: { heldMicro }, balances }: Comparison): void {
  if (balances.heldMicro !== heldMicro) {
    const finding = `the clearing house keeps ${balances.heldMicro} micro on the chain, ${heldMicro} by its history`;
    throw discrepancyAt(headOf(block), { rule: "heldBalance", finding });
  }
  if (balances.tokenBalanceMicro >= heldMicro) return;
  const finding = `the clearing house owns ${balances.tokenBalanceMicro} micro of the currency and owes ${heldMicro}`;
  throw discrepancyAt(headOf(block), { rule: "tokenBalance", finding });
}

/** Σ free + Σ margins + Σ escrow, over all markets, is what is held: no money appears or vanishes. */
function requireWhole({ block, balances }: Comparison): void {
  const markets = [...balances.markets.values()];
  const margins = markets.flatMap(({ marginMicro }) => [...marginMicro.values()]);
  const escrows = markets.map(({ escrowMicro }) => escrowMicro);
  const sum = [...balances.freeMicro.values(), ...margins, ...escrows].reduce((a, b) => a + b, 0n);
  if (sum === balances.heldMicro) return;
  const finding = `free balances, margins and escrow add up to ${sum} micro, not the ${balances.heldMicro} that are held`;
  throw discrepancyAt(headOf(block), { rule: "heldBalance", finding });
}

function headOf(block: number) {
  return { block, transactionHash: null };
}
