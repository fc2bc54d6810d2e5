import { mergePositions } from "#evidence/clearingPlan.ts";
import type { Pricing } from "#market/order.ts";
import { keyNames } from "#roles/founding.ts";
import { present } from "#units/assert.ts";
import {
  clearInterval,
  drawOrders,
  prepareInterval,
  type SentTransaction,
  settleInterval,
  tradedOrders,
} from "./interval.ts";
import { type BenchMarket, prepareTransfers, withMarket } from "./market.ts";
import { type NaiveOutcome, runNaiveAuction } from "./naiveAuction.ts";
import { type BenchRow, measuredRow } from "./row.ts";

const SIZES = [8, 32, 128, 512] as const;
const CASES = { uniform: "PoolMarket.clearUniform", midpoint: "PoolMarket.clearMidpoint" } as const;
const NAIVE = "naive on-chain auction";
const TRANSFER = "ERC-20 transfer";

/** Intervals of the scenario by what they measure; the first one warms the storage, the other two have one book. */
const WARM_UP = 0;
const ALL_ORDERS = 1;
const TRADED_ORDERS = 2;

/** What every engine of the design takes: gas and bytes of one transaction (design §4). */
const MAX_TRANSACTION_GAS = 5_000_000;
const MAX_TRANSACTION_BYTES = 120_000;

/**
 * Gas by receipts of whole transactions, everything included: every signature verified, money reserved, readings proven.
 * One order a home; the interval before the measured one makes the storage that of an ordinary day.
 */
export async function* benchGas(): AsyncGenerator<BenchRow> {
  for (const n of SIZES) {
    let naive: NaiveOutcome | null = null;
    for (const pricing of ["uniform", "midpoint"] as const) {
      const measured = await withMarket({ homes: n, pricing }, async (market) => {
        if (pricing === "uniform") naive = await measureNaive(market);
        return measureMarket(market);
      });
      reportLargest(`${n} orders, ${pricing}`, measured.sent);
      yield* marketRows({ n, pricing, measured, naive });
    }
  }
}

type MarketGas = {
  readonly perTrade: number;
  readonly perTradeOfTraded: number;
  readonly perParticipant: number;
  readonly publish: number;
  readonly transfer: number;
  readonly sent: readonly SentTransaction[];
};

async function measureMarket(market: BenchMarket): Promise<MarketGas> {
  await runInterval(market, WARM_UP);
  const all = await runInterval(market, ALL_ORDERS);
  const traded = await runInterval(market, TRADED_ORDERS, { book: ALL_ORDERS, choose: tradedOrders });
  return {
    perTrade: sumGas(all.cleared) / all.trades,
    perTradeOfTraded: sumGas(traded.cleared) / traded.trades,
    perParticipant: sumGas(all.settled) / all.participants,
    publish: sumGas(all.published),
    transfer: await measureTransfer(market),
    sent: [...all.cleared, ...all.published, ...all.settled],
  };
}

async function runInterval(
  market: BenchMarket,
  index: number,
  selection?: Parameters<typeof prepareInterval>[2],
) {
  const prepared = prepareInterval(market, index, selection);
  const { plan, trades, sent: cleared } = await clearInterval(market, prepared);
  const { published, settled } = await settleInterval(market, prepared, plan);
  const participants = mergePositions(plan.steps.map((step) => step.positions)).size;
  return { trades, participants, cleared, published, settled };
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
  const idOf = new Map(homes.map(({ account, id }) => [account, id]));
  const outcome = await runNaiveAuction({
    network,
    admin,
    orders: drawOrders(homes, ALL_ORDERS),
    keyOf: (account) => keyring.key(keyNames.home(present(idOf.get(account), "the home of an account"))),
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
  const { perTrade, perTradeOfTraded, perParticipant, publish, transfer } = measured;
  const againstTransfer = { bench: "gas", n, peer: TRANSFER, peerValue: transfer } as const;
  const againstNaive = { bench: "gas", n, peer: NAIVE, peerValue: perNaiveTrade } as const;
  const clearing = { case: CASES[pricing], value: perTrade, unit: "gas/trade" };
  const traded = { ...clearing, case: `${CASES[pricing]}, traded orders only`, value: perTradeOfTraded };
  const rows = [
    { ...againstNaive, ...clearing },
    { ...againstTransfer, ...clearing },
    { ...againstNaive, ...traded },
    { ...againstTransfer, ...traded },
  ];
  if (pricing === "uniform")
    rows.push(
      { ...againstTransfer, case: "PoolMarket.settle", value: perParticipant, unit: "gas/participant" },
      { ...againstTransfer, case: "MeterLedger.publish", value: publish, unit: "gas/interval" },
    );
  return rows.map(measuredRow);
}

function reportLargest(what: string, sent: readonly SentTransaction[]): void {
  const gas = Math.max(...sent.map(({ gasUsed }) => gasUsed));
  const bytes = Math.max(...sent.map((transaction) => transaction.bytes));
  const fits = gas <= MAX_TRANSACTION_GAS && bytes <= MAX_TRANSACTION_BYTES;
  console.error(
    `gas: ${what}: ${sent.length} transactions, at most ${gas} gas and ${bytes} bytes of calldata${fits ? "" : ", MORE THAN THE LIMIT of 5 M gas and 120 kB"}`,
  );
}

function sumGas(sent: readonly SentTransaction[]): number {
  return sent.reduce((sum, { gasUsed }) => sum + gasUsed, 0);
}
