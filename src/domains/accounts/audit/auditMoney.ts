import { type AccountsEvent, isAccountsEvent } from "#domains/accounts/events.ts";
import { discrepancyAt } from "#platform/audit/auditDiscrepancy.ts";
import { addressOf, type ChainEvent, type Deployment } from "#platform/chain/contractSpec.ts";
import type { RegistryReplay } from "./auditRegistry.ts";

/** Money of the clearing house as the chain says at one block, micro; margins and escrow are the pool market's. */
export type HouseBalances = {
  readonly freeMicro: ReadonlyMap<number, bigint>;
  readonly marginMicro: ReadonlyMap<number, bigint>;
  readonly escrowMicro: bigint;
  readonly heldMicro: bigint;
  readonly tokenBalanceMicro: bigint;
};

/** Amounts by account, micro ≥ 0. */
export type Postings = ReadonlyMap<number, bigint>;

/** The clearing house's books, kept anew from deposits, withdrawals and what clearings and settlements must move (R7.3). */
export type MoneyReplay = {
  /** Takes in events of the clearing house and of the currency; passes over all others. */
  apply(event: ChainEvent): void;
  /** What the pool market took into escrow, or gave back, in the event's transaction and nothing has explained yet. */
  takeHeld(event: ChainEvent): bigint | null;
  takeReleased(event: ChainEvent): bigint | null;
  /** Moves margins into escrow; no margin may fall below zero. */
  reserve(event: ChainEvent, postings: Postings): void;
  /** Moves escrow into margins. */
  pay(postings: Postings): void;
  /** Ends a transaction: every movement in it must have been explained. */
  closeTransaction(): void;
  /** Compares all books with the chain's. `uncertain` are accounts in a clearing that is not finished. */
  compare(place: { block: number }, balances: HouseBalances, uncertain: ReadonlySet<number>): void;
  /** Whether another market moved money, whose rules this audit does not know. */
  hasForeignMarkets(): boolean;
};

/** The largest margin of one account in one market; what a payment brings beyond it is free. */
const MAX_MARGIN_MICRO = 2n ** 41n - 1n;

type Movement = { readonly event: AccountsEvent; readonly amountMicro: bigint };

/** Replays the money of a deployment. */
export function replayMoney(deployment: Deployment, registry: RegistryReplay): MoneyReplay {
  const poolMarket = addressOf(deployment, "poolMarket");
  const clearingHouse = addressOf(deployment, "clearingHouse");
  const free = new Map<number, bigint>();
  const margin = new Map<number, bigint>();
  let [heldMicro, escrowMicro, foreignMicro] = [0n, 0n, 0n];
  let hasForeign = false;
  let open = emptyTransaction();

  const addFree = (account: number, amountMicro: bigint) => {
    free.set(account, (free.get(account) ?? 0n) + amountMicro);
  };
  const addMargin = (account: number, amountMicro: bigint) => {
    margin.set(account, (margin.get(account) ?? 0n) + amountMicro);
  };
  const takeFree = (event: AccountsEvent<"withdrawn" | "marginAdded">) => {
    const { account, amountMicro } = event;
    addFree(account, -amountMicro);
    if ((free.get(account) ?? 0n) < 0n)
      throw discrepancyAt(event, {
        rule: "freeOverdrawn",
        account,
        finding: `account ${account} moved ${amountMicro} micro that it did not have`,
      });
  };
  const overdrawn = (event: ChainEvent, account: number) =>
    discrepancyAt(event, {
      rule: "marginOverdrawn",
      account,
      finding: `the margin of account ${account} falls below zero, to ${margin.get(account)} micro`,
    });

  const deposit = (event: AccountsEvent<"deposited">) => {
    addFree(event.account, event.amountMicro);
    heldMicro += event.amountMicro;
    open.transfersDue.push({ event, amountMicro: event.amountMicro });
  };
  const withdraw = (event: AccountsEvent<"withdrawn">) => {
    takeFree(event);
    heldMicro -= event.amountMicro;
    open.transfersDue.push({ event, amountMicro: -event.amountMicro });
  };
  const toMargin = (event: AccountsEvent<"marginAdded">) => {
    takeFree(event);
    if (event.market === poolMarket) addMargin(event.account, event.amountMicro);
    else foreignMicro += event.amountMicro;
  };
  const fromMargin = (event: AccountsEvent<"marginWithdrawn">) => {
    addFree(event.account, event.amountMicro);
    if (event.market === poolMarket) {
      addMargin(event.account, -event.amountMicro);
      if ((margin.get(event.account) ?? 0n) < 0n) throw overdrawn(event, event.account);
    } else foreignMicro -= event.amountMicro;
  };
  /** A payment brought more than a margin holds. The payment itself is booked later in the same transaction. */
  const overflow = (event: AccountsEvent<"marginOverflowed">) => {
    addFree(event.account, event.amountMicro);
    if (event.market === poolMarket) {
      addMargin(event.account, -event.amountMicro);
      open.overflows.push(event);
    } else foreignMicro -= event.amountMicro;
  };
  const move = (event: AccountsEvent<"held" | "released">) => {
    if (event.market !== poolMarket) {
      hasForeign = true;
      return;
    }
    escrowMicro += event.kind === "held" ? event.amountMicro : -event.amountMicro;
    open[event.kind].push({ event, amountMicro: event.amountMicro });
  };
  /** A transfer must answer to the oldest deposit or withdrawal without one; gifts to the clearing house are nobody's. */
  const transfer = (event: AccountsEvent<"tokenTransferred">) => {
    const isOut = event.from === clearingHouse;
    const due = open.transfersDue[0];
    const amountMicro = isOut ? -event.amountMicro : event.amountMicro;
    const owner = isOut ? event.to : event.from;
    const isDue =
      due?.amountMicro === amountMicro &&
      "account" in due.event &&
      registry.ownerOf(due.event.account) === owner;
    if (isDue) open.transfersDue.shift();
    else if (isOut)
      throw discrepancyAt(event, {
        rule: "tokenTransfer",
        finding: `${event.amountMicro} micro left the clearing house for ${event.to} without a withdrawal`,
      });
  };

  return {
    apply(event) {
      if (!isAccountsEvent(event)) return;
      if (event.kind === "deposited") deposit(event);
      else if (event.kind === "withdrawn") withdraw(event);
      else if (event.kind === "marginAdded") toMargin(event);
      else if (event.kind === "marginWithdrawn") fromMargin(event);
      else if (event.kind === "marginOverflowed") overflow(event);
      else if (event.kind === "held" || event.kind === "released") move(event);
      else if (event.kind === "tokenTransferred") transfer(event);
    },
    takeHeld: () => open.held.shift()?.amountMicro ?? null,
    takeReleased: () => open.released.shift()?.amountMicro ?? null,
    reserve(event, postings) {
      for (const [account, amountMicro] of postings) {
        addMargin(account, -amountMicro);
        if ((margin.get(account) ?? 0n) < 0n) throw overdrawn(event, account);
      }
    },
    pay(postings) {
      for (const [account, amountMicro] of postings) addMargin(account, amountMicro);
    },
    closeTransaction() {
      const [movement] = [...open.held, ...open.released];
      if (movement)
        throw discrepancyAt(movement.event, {
          rule: "unexplainedMovement",
          finding: `the market moved ${movement.amountMicro} micro without a clearing or settlement`,
        });
      const [due] = open.transfersDue;
      if (due)
        throw discrepancyAt(due.event, {
          rule: "tokenTransfer",
          finding: `no transfer of the settlement currency answers to ${due.amountMicro} micro booked`,
        });
      const short = open.overflows.find(({ account }) => (margin.get(account) ?? 0n) < MAX_MARGIN_MICRO);
      if (short)
        throw discrepancyAt(short, {
          rule: "marginOverflow",
          account: short.account,
          finding: `${short.amountMicro} micro of account ${short.account} went past its margin, which is ${margin.get(short.account)} micro and holds ${MAX_MARGIN_MICRO}`,
        });
      open = emptyTransaction();
    },
    compare({ block }, balances, uncertain) {
      const accounts = registry.accounts();
      const place = { block, transactionHash: null };
      for (const account of accounts) {
        const [booked, replayed] = [balances.freeMicro.get(account) ?? 0n, free.get(account) ?? 0n];
        if (booked !== replayed)
          throw discrepancyAt(place, {
            rule: "freeBalance",
            account,
            finding: `account ${account} has ${booked} micro free on the chain, ${replayed} by its history`,
          });
        compareMargin({ place, account, uncertain, balances, replayed: margin.get(account) ?? 0n });
      }
      compareTotals({ place, balances, heldMicro, escrowMicro });
      if (!hasForeign) requireWhole({ place, balances, foreignMicro });
    },
    hasForeignMarkets: () => hasForeign,
  };
}

type OpenTransaction = {
  held: Movement[];
  released: Movement[];
  transfersDue: Movement[];
  overflows: AccountsEvent<"marginOverflowed">[];
};

function emptyTransaction(): OpenTransaction {
  return { held: [], released: [], transfersDue: [], overflows: [] };
}

type HeadPlace = { readonly block: number; readonly transactionHash: null };

function compareMargin({
  place,
  account,
  uncertain,
  balances,
  replayed,
}: {
  place: HeadPlace;
  account: number;
  uncertain: ReadonlySet<number>;
  balances: HouseBalances;
  replayed: bigint;
}): void {
  const booked = balances.marginMicro.get(account) ?? 0n;
  if (booked === replayed || (uncertain.has(account) && booked < replayed)) return;
  throw discrepancyAt(place, {
    rule: "margin",
    account,
    finding: `the margin of account ${account} is ${booked} micro on the chain, ${replayed} by its history`,
  });
}

function compareTotals({
  place,
  balances,
  heldMicro,
  escrowMicro,
}: {
  place: HeadPlace;
  balances: HouseBalances;
  heldMicro: bigint;
  escrowMicro: bigint;
}): void {
  if (balances.escrowMicro !== escrowMicro)
    throw discrepancyAt(place, {
      rule: "escrow",
      finding: `the market has ${balances.escrowMicro} micro in escrow on the chain, ${escrowMicro} by its history`,
    });
  if (balances.heldMicro !== heldMicro)
    throw discrepancyAt(place, {
      rule: "heldBalance",
      finding: `the clearing house keeps ${balances.heldMicro} micro on the chain, ${heldMicro} by its history`,
    });
  if (balances.tokenBalanceMicro < heldMicro)
    throw discrepancyAt(place, {
      rule: "tokenBalance",
      finding: `the clearing house owns ${balances.tokenBalanceMicro} micro of the currency and owes ${heldMicro}`,
    });
}

/** Σ free + Σ margins + Σ escrow = held: no money appears or vanishes. */
function requireWhole({
  place,
  balances,
  foreignMicro,
}: {
  place: HeadPlace;
  balances: HouseBalances;
  foreignMicro: bigint;
}): void {
  let sum = balances.escrowMicro + foreignMicro;
  for (const amounts of [balances.freeMicro, balances.marginMicro])
    for (const amountMicro of amounts.values()) sum += amountMicro;
  if (sum === balances.heldMicro) return;
  throw discrepancyAt(place, {
    rule: "heldBalance",
    finding: `free balances, margins and escrow add up to ${sum} micro, not the ${balances.heldMicro} that are held`,
  });
}
