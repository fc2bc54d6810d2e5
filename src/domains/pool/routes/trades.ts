import type { z } from "zod";
import { listTrades, type TradeView } from "#domains/pool/queries/trades.ts";
import { tradesWire, type tradeWire } from "#domains/pool/wire.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { intervalParams, listQuery, pageQuery } from "#platform/api/wire.ts";
import { requireInterval } from "./intervals.ts";
import type { PoolContext } from "./poolContext.ts";

/** Trades: which bid met which offer, how much, at what price. */
export function addTrades(app: Api, context: PoolContext): void {
  const { db } = context.store;
  app.get(
    "/v1/trades",
    {
      schema: {
        querystring: listQuery,
        ...describeRoute("trades", "Trades, the latest interval first", { body: tradesWire }),
      },
    },
    async ({ query }) => ({ trades: (await listTrades(db, query)).map(tradeBody) }),
  );
  app.get(
    "/v1/intervals/:areaId/:intervalId/trades",
    {
      schema: {
        params: intervalParams,
        querystring: pageQuery,
        ...describeRoute("intervals", "Trades of an interval", { body: tradesWire }),
      },
    },
    async ({ params, query }) => {
      await requireInterval(context, params);
      return { trades: (await listTrades(db, { ...params, ...query })).map(tradeBody) };
    },
  );
}

function tradeBody(trade: TradeView): z.infer<typeof tradeWire> {
  const { energyWh, priceMicroPerKwh } = trade;
  return {
    ...trade,
    energyWh: String(energyWh),
    priceMicroPerKwh: String(priceMicroPerKwh),
    exactPayment: String(BigInt(energyWh) * BigInt(priceMicroPerKwh)),
  };
}
