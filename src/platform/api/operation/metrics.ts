import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Api, ApiContext, ApiDomain, Metric } from "#platform/api/apiContext.ts";
import { sumTransactions } from "#platform/store/queries/transactions.ts";

/** Seconds of a request, from what the database answers at once to what a person notices. */
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** Figures for Prometheus. The registry belongs to this server: two servers in a process don't mix. */
export function addMetrics<Context extends ApiContext>(
  app: Api,
  context: Context,
  domains: readonly ApiDomain<Context>[],
): void {
  const registers = [new Registry()];
  const [registry = new Registry()] = registers;
  measureRequests(app, registers);
  const gauges = new Map<string, Gauge>();
  const show = ({ name, help, value }: Metric) => {
    const gauge = gauges.get(name) ?? new Gauge({ name: `commonwatt_${name}`, help, registers });
    gauges.set(name, gauge);
    gauge.set(value);
  };
  app.get("/metrics", { schema: { hide: true } }, async (_request, reply) => {
    for (const metric of await chainMetrics(context)) show(metric);
    for (const { metrics } of domains) for (const metric of (await metrics?.(context)) ?? []) show(metric);
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

async function chainMetrics({ store, network, dutiesBehind, incidents }: ApiContext): Promise<Metric[]> {
  const { transactions, gasUsed } = await sumTransactions(store.db);
  return [
    { name: "transactions", help: "Transactions", value: transactions },
    { name: "gas", help: "Gas of all transactions", value: Number(gasUsed) },
    { name: "chain_answers", help: "1 while the chain answers, 0 else", value: network.heldBack() ? 0 : 1 },
    { name: "duties_behind", help: "What was due and is not done", value: dutiesBehind().length },
    {
      name: "incidents_open",
      help: "Failures and refusals that nobody and nothing has mended",
      value: incidents.list().filter(({ resolvedAt }) => resolvedAt === null).length,
    },
  ];
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
