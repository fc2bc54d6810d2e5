import { clearInterval, prepareInterval, settleInterval } from "./interval.ts";
import { type BenchMarket, prepareTransfers, withMarket } from "./market.ts";
import { type BenchRow, measuredRow } from "./row.ts";

const SIZES = [128, 512] as const;
const WARM_UP_INTERVALS = 3;
const MEASURED_MS = 10_000;
const TRANSFER_MS = 5_000;
/** Transfers handed over at once; the sender keeps 32 of them under way. */
const TRANSFERS_AT_ONCE = 128;

/**
 * Settled trades a second on the embedded chain: intervals cleared, published, settled and made durable one after the
 * other by one operator and one gateway. The peer is plain ERC-20 transfers a second, by the same sender on the same
 * node, made durable as well.
 */
export async function* benchSettlement(): AsyncGenerator<BenchRow> {
  for (const n of SIZES) {
    const { trades, transfers } = await withMarket({ homes: n, pricing: "uniform" }, async (market) => ({
      transfers: await transfersPerSecond(market),
      trades: await tradesPerSecond(market),
    }));
    yield measuredRow({
      bench: "settlement",
      case: "cleared, published and settled",
      n,
      value: trades,
      unit: "trades/s",
      peer: "ERC-20 transfer",
      peerValue: transfers,
    });
  }
}

/** The clock stands still while homes and meters sign: that is not the operator's work. */
async function tradesPerSecond(market: BenchMarket): Promise<number> {
  let [settledTrades, elapsedMs, intervals] = [0, 0, 0];
  for (let index = 0; elapsedMs < MEASURED_MS; index += 1) {
    const prepared = prepareInterval(market, index);
    const startedAt = performance.now();
    const { plan, trades } = await clearInterval(market, prepared);
    await settleInterval(market, prepared, plan);
    await market.chain.checkpoint();
    if (index < WARM_UP_INTERVALS) continue;
    elapsedMs += performance.now() - startedAt;
    settledTrades += trades;
    intervals += 1;
  }
  console.error(
    `settlement: ${market.scenario.homes.length} orders: ${intervals} intervals, ${(elapsedMs / intervals).toFixed(1)} ms each; signatures of orders and readings were made before the clock`,
  );
  return settledTrades / (elapsedMs / 1_000);
}

async function transfersPerSecond(market: BenchMarket): Promise<number> {
  const call = await prepareTransfers(market, market.operator);
  const calls = Array.from({ length: TRANSFERS_AT_ONCE }, () => call);
  await market.operator.sendAll(calls);
  const startedAt = performance.now();
  let [transfers, elapsedMs] = [0, 0];
  while (elapsedMs < TRANSFER_MS) {
    await market.operator.sendAll(calls);
    await market.chain.checkpoint();
    transfers += calls.length;
    elapsedMs = performance.now() - startedAt;
  }
  return transfers / (elapsedMs / 1_000);
}
