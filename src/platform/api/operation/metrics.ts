import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { type Summary, summarize } from "#domains/pool/queries/summary.ts";
import { countUnclearedOrders } from "#domains/pool/routes/openOrders.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";

/** Seconds of a request, from what the database answers at once to what a person notices. */
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** Sums that only grow, under the names by which they are collected. */
const TOTALS = {
  intervals_settled: ["Settled intervals", (s: Summary) => s.settledIntervals],
  orders: ["Orders on the chain", (s: Summary) => s.orders],
  trades: ["Trades", (s: Summary) => s.trades],
  settlements: ["Settled positions and metered intervals of accounts", (s: Summary) => s.settlements],
  cleared_wh: ["Cleared energy, Wh", (s: Summary) => Number(s.clearedWh)],
  transactions: ["Transactions", (s: Summary) => s.transactions],
  gas: ["Gas of all transactions", (s: Summary) => Number(s.gasUsed)],
} as const;

/** Figures for Prometheus. The registry belongs to this server: two servers in a process don't mix. */
export function addMetrics(app: Api, context: ApiContext): void {
  const registers = [new Registry()];
  const [registry = new Registry()] = registers;
  measureRequests(app, registers);
  const totals = Object.entries(TOTALS).map(([name, [help, read]]) => ({
    gauge: new Gauge({ name: `commonwatt_${name}`, help, registers }),
    read,
  }));
  const uncleared = new Gauge({
    name: "commonwatt_orders_uncleared",
    help: "Orders whose gate is closed and that are not cleared yet",
    registers,
  });
  app.get("/metrics", { schema: { hide: true } }, async (_request, reply) => {
    const summary = await summarize(context.store.db);
    for (const { gauge, read } of totals) gauge.set(read(summary));
    uncleared.set(await countUnclearedOrders(context));
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

function measureRequests(app: Api, registers: Registry[]): void {
  const labelNames = ["method", "route", "status"] as const;
  const requests = new Counter({
    name: "commonwatt_http_requests_total",
    help: "Requests by route and status",
    labelNames,
    registers,
  });
  const durations = new Histogram({
    name: "commonwatt_http_request_duration_seconds",
    help: "Time from a request to its answer",
    labelNames,
    buckets: DURATION_BUCKETS,
    registers,
  });
  app.addHook("onResponse", async (request, reply) => {
    // The route's pattern, never the address that was asked for: that would be a label without bound.
    const route = request.routeOptions.url ?? "none";
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    requests.inc(labels);
    durations.observe(labels, reply.elapsedTime / MS_PER_SECOND);
  });
}

const MS_PER_SECOND = 1_000;
