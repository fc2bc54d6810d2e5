import { randomUUID } from "node:crypto";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { fastify } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import type { Api, ApiContext } from "./apiContext.ts";
import { addAreas } from "./areas.ts";
import { addAudits } from "./audits.ts";
import { addBills } from "./bills.ts";
import { addCommunity } from "./community.ts";
import { refuseCrossSite } from "./crossSite.ts";
import { addCsvExports } from "./csvExports.ts";
import { addDashboardFiles } from "./dashboardFiles.ts";
import { addDemonstration } from "./demonstration.ts";
import { addEvents } from "./events.ts";
import { addEvidence } from "./evidence.ts";
import { addExplainedBills } from "./explainedBills.ts";
import { addExplanations } from "./explanations.ts";
import { addHealth } from "./health.ts";
import { addIntervals } from "./intervals.ts";
import { addLookup } from "./lookup.ts";
import { addMetrics } from "./metrics.ts";
import { addOperator } from "./operator.ts";
import { addOrders } from "./orders.ts";
import { addParticipants, addProvenance } from "./participants.ts";
import { addPrices } from "./prices.ts";
import { answerError } from "./problem.ts";
import { addReadings } from "./readings.ts";
import { addRpc, RPC_PATH } from "./rpc.ts";
import { addSeries } from "./series.ts";
import { addSession } from "./session.ts";
import { addStatement } from "./statement.ts";
import { addTrades } from "./trades.ts";
import { addTrails } from "./trails.ts";
import { addTransactions } from "./transactions.ts";
import { answerUnknownRoute, rememberRoutes } from "./unknownRoute.ts";

/** A signed order has some 500 bytes; nothing else is sent to us. */
const MAX_BODY_BYTES = 16_384;
const REQUEST_TIMEOUT_MS = 30_000;

/** Sent with every answer: no sniffing of types, no framing, no referrer, no use by other sites' scripts. */
const SECURITY_HEADERS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
} as const;

/**
 * The HTTP server, ready to listen: resources under /v1, the chain under /rpc, OpenAPI under /docs, /health, /ready,
 * /metrics, and the dashboard at /. Errors are problem+json by RFC 9457. Closing it ends all streams.
 */
export async function createApi(context: ApiContext): Promise<Api> {
  const app: Api = fastify({
    ...(context.logger ? { loggerInstance: context.logger } : { logger: false }),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    genReqId: () => randomUUID(),
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerError);
  const routes = rememberRoutes(app);
  app.setNotFoundHandler((request, reply) => answerUnknownRoute(routes, request, reply));
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  refuseCrossSite(app, new Set([RPC_PATH]));
  await addDocumentation(app);
  await addSession(app, context);
  for (const add of RESOURCES) add(app, context);
  await app.ready();
  return app;
}

const RESOURCES = [
  addMetrics,
  addAreas,
  addIntervals,
  addEvidence,
  addOrders,
  addExplanations,
  addTrades,
  addReadings,
  addParticipants,
  addProvenance,
  addBills,
  addExplainedBills,
  addCsvExports,
  addStatement,
  addPrices,
  addCommunity,
  addSeries,
  addEvents,
  addAudits,
  addLookup,
  addTransactions,
  addTrails,
  addOperator,
  addHealth,
  addDemonstration,
  addRpc,
  addDashboardFiles,
];

async function addDocumentation(app: Api): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Commonwatt",
        version: "1",
        description:
          "Markets of a local energy system. Money (micro), prices (micro per kWh) and energy (Wh) are whole numbers in decimal strings; times are unix seconds. Trades settle claims and money; electricity flows over the common grid.",
      },
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
}
