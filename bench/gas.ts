import { keyNames } from "#community/keyNames.ts";
import { PRICINGS, type Pricing } from "#kernel/auction/order.ts";
import { present } from "#kernel/units/assert.ts";
import { MAX_TRANSACTION_GAS } from "#platform/chain/sender.ts";
import {
  type BookChoice,
  clearInterval,
  drawOrders,
  drawTradingOrders,
  prepareInterval,
  type SentTransaction,
  settleInterval,
} from "./interval.ts";
import { type BenchMarket, prepareTransfers, withMarket } from "./market.ts";
import { type NaiveOutcome, runNaiveAuction } from "./naiveAuction.ts";
import { type BenchRow, measuredRow } from "./row.ts";

const SIZES = [8, 32, 128, 512] as const;
const NAIVE = "naive on-chain auction";
const TRANSFER = "ERC-20 transfer";

/** Intervals of the scenario by what they measure; the first one warms the storage, the next two have one book. */
const WARM_UP = 0;
const NEEDED = 1;
const WHOLE_BOOK = 2;
const EVERY_ORDER_TRADES = 3;

/** What nodes take of a transaction. */
const MAX_TRANSACTION_BYTES = 120_000;

/**
 * Gas by receipts of whole transactions, everything included: every signature verified, money reserved, readings proven.
 * One order a home; the interval before the measured one makes the storage that of an ordinary day.
 */
export async function* benchGas(): AsyncGenerator<BenchRow> {
  for (const n of SIZES) {
    let naive: NaiveOutcome | null = null;
    for (const pricing of PRICINGS) {
      const measured = await withMarket({ homes: n, pricing }, async (market) => {
        if (pricing === "uniform") naive = await measureNaive(market);
        return measureMarket(market);
      });
      reportLargest(`${n} orders, ${pricing}`, measured.sent);
      yield* marketRows({ n, pricing, measured, naive });
    }
  }
}

/** Gas of each clearing a trade, of the settlement of the first by its two measures, and of the rest. */
type MarketGas = {
  readonly perTrade: {
    readonly needed: number;
    readonly wholeBook: number;
    readonly everyOrderTrades: number;
  };
  readonly perParticipant: number;
  readonly perPosition: number;
  readonly publish: number;
  readonly transfer: number;
  readonly sent: readonly SentTransaction[];
};

async function measureMarket(market: BenchMarket): Promise<MarketGas> {
  await runInterval(market, WARM_UP);
  const needed = await runInterval(market, NEEDED);
  const whole = await runInterval(market, WHOLE_BOOK, { book: NEEDED, submit: "all" });
  const trading = await runInterval(market, EVERY_ORDER_TRADES, { draw: drawTradingOrders });
  return {
    perTrade: {
      needed: sumGas(needed.cleared) / needed.trades,
      wholeBook: sumGas(whole.cleared) / whole.trades,
      everyOrderTrades: sumGas(trading.cleared) / trading.trades,
    },
    perParticipant: sumGas(needed.settled) / needed.participants,
    perPosition: sumGas(needed.settled) / needed.positions,
    publish: sumGas(needed.published),
    transfer: await measureTransfer(market),
    sent: [needed, whole, trading].flatMap((run) => [...run.cleared, ...run.published, ...run.settled]),
  };
}

/** `participants` signed an order of the book and have their reading under the published root. */
async function runInterval(market: BenchMarket, index: number, choice?: Partial<BookChoice>) {
  const prepared = prepareInterval(market, index, choice);
  const { plan, trades, sent: cleared } = await clearInterval(market, prepared);
  const { published, settled } = await settleInterval(market, prepared, plan);
  const metered = new Set(prepared.readings.map(({ member }) => member));
  const signers = new Set(prepared.orders.map(({ participant }) => participant));
  const participants = [...signers].filter((member) => metered.has(member)).length;
  const positions = plan.positions.length;
  return { trades, participants, positions, cleared, published, settled };
}

async function measureTransfer(market: BenchMarket): Promise<number> {
  const call = await prepareTransfers(market, market.operator);
  return Number((await market.operator.send(call)).gasUsed);
}

async function measureNaive({
  network,
  admin,
  scenario,
  keyring,
}: BenchMarket): Promise<NaiveOutcome | null> {
  const { homes } = scenario;
  const idOf = new Map(homes.map(({ member, id }) => [member, id]));
  const outcome = await runNaiveAuction({
    network,
    admin,
    orders: drawOrders(homes, NEEDED),
    keyOf: (member) => keyring.key(keyNames.home(present(idOf.get(member), "the home of a member"))),
  });
  if (outcome === null)
    console.error(
      `gas: a part of the naive auction of ${homes.length} orders does not fit into a block of 60 M gas`,
    );
  return outcome;
}

function marketRows({
  n,
  pricing,
  measured,
  naive,
}: {
  n: number;
  pricing: Pricing;
  measured: MarketGas;
  naive: NaiveOutcome | null;
}): BenchRow[] {
  const perNaiveTrade = naive && naive.gasUsed / naive.trades;
  const { perTrade, perParticipant, perPosition, publish, transfer } = measured;
  const againstTransfer = { bench: "gas", n, peer: TRANSFER, peerValue: transfer } as const;
  const againstNaive = { bench: "gas", n, peer: NAIVE, peerValue: perNaiveTrade } as const;
  const clearing = (variant: string, value: number) => ({
    case: `PoolMarket.clear, ${pricing}${variant}`,
    value,
    unit: "gas/trade",
  });
  const needed = clearing("", perTrade.needed);
  const wholeBook = clearing(", whole book submitted", perTrade.wholeBook);
  const everyOrder = clearing(", every order trades", perTrade.everyOrderTrades);
  const rows = [
    { ...againstNaive, ...needed },
    { ...againstTransfer, ...needed },
    { ...againstNaive, ...wholeBook },
    { ...againstTransfer, ...wholeBook },
    // The naive auction was not run with this book.
    { ...againstTransfer, ...everyOrder },
  ];
  const settle = "PoolMarket.settle";
  if (pricing === "uniform")
    rows.push(
      { ...againstTransfer, case: settle, value: perParticipant, unit: "gas/participant" },
      { ...againstTransfer, case: `${settle}, positions only`, value: perPosition, unit: "gas/position" },
      { ...againstTransfer, case: "MeterLedger.publish", value: publish, unit: "gas/interval" },
    );
  return rows.map(measuredRow);
}

function reportLargest(what: string, sent: readonly SentTransaction[]): void {
  const gas = Math.max(...sent.map(({ gasUsed }) => gasUsed));
  const bytes = Math.max(...sent.map((transaction) => transaction.bytes));
  const fits = gas <= MAX_TRANSACTION_GAS && bytes <= MAX_TRANSACTION_BYTES;
  console.error(
    `gas: ${what}: ${sent.length} transactions, at most ${gas} gas and ${bytes} bytes of calldata${fits ? "" : ", MORE THAN THE LIMIT of 10 M gas and 120 kB"}`,
  );
}

function sumGas(sent: readonly SentTransaction[]): number {
  return sent.reduce((sum, { gasUsed }) => sum + gasUsed, 0);
}
