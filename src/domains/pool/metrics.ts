import type { Metric } from "#platform/api/apiContext.ts";
import { summarize } from "./queries/summary.ts";
import { countUnclearedOrders } from "./routes/openOrders.ts";
import type { PoolContext } from "./routes/poolContext.ts";

/** What the market has done so far, and the orders that wait. */
export async function poolMetrics(context: PoolContext): Promise<Metric[]> {
  const { settledIntervals, orders, trades, settlements, clearedWh } = await summarize(context.store.db);
  return [
    { name: "intervals_settled", help: "Settled intervals", value: settledIntervals },
    { name: "orders", help: "Orders on the chain", value: orders },
    { name: "trades", help: "Trades", value: trades },
    {
      name: "settlements",
      help: "Settled positions and metered intervals of accounts",
      value: settlements,
    },
    { name: "cleared_wh", help: "Cleared energy, Wh", value: Number(clearedWh) },
    {
      name: "orders_uncleared",
      help: "Orders whose gate is closed and that are not cleared yet",
      value: await countUnclearedOrders(context),
    },
  ];
}
