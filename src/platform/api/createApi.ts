import { randomUUID } from "node:crypto";
import { fastify } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { addDocumentation } from "#platform/api/documentation/addDocumentation.ts";
import { refuseCrossSite } from "#platform/api/identity/crossSite.ts";
import { addDemonstration } from "#platform/api/identity/demonstration.ts";
import { addSession } from "#platform/api/identity/session.ts";
import { addAudits } from "#platform/api/operation/audits.ts";
import { addConcerns } from "#platform/api/operation/concerns.ts";
import { addHealth } from "#platform/api/operation/health.ts";
import { addLookup } from "#platform/api/operation/lookup.ts";
import { addMetrics } from "#platform/api/operation/metrics.ts";
import { addStatus } from "#platform/api/operation/status.ts";
import { addTransactions } from "#platform/api/operation/transactions.ts";
import { addDashboardFiles, isLostReader } from "#platform/api/transport/dashboardFiles.ts";
import { addEvents } from "#platform/api/transport/events.ts";
import { addRpc, RPC_PATH } from "#platform/api/transport/rpc.ts";
import type { Api, ApiContext, ApiDomain } from "./apiContext.ts";
import { refuseWhileHeldBack } from "./heldBack.ts";
import { answerError } from "./problem.ts";
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
export async function createApi<Context extends ApiContext>(
  context: Context,
  domains: readonly ApiDomain<Context>[],
): Promise<Api> {
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
  app.setNotFoundHandler((request, reply) =>
    isLostReader(context, request)
      ? reply.code(404).sendFile("index.html")
      : answerUnknownRoute(routes, request, reply),
  );
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  refuseWhileHeldBack(app, context.network);
  refuseCrossSite(app, new Set([RPC_PATH]));
  await addDocumentation(app, domains);
  await addSession(app, context);
  addMetrics(app, context, domains);
  for (const { routes = [] } of domains) for (const add of routes) await add(app, context);
  addLookup(app, context, domains);
  addConcerns(app, context, domains);
  addStatus(app, context, domains);
  for (const add of PLATFORM_ROUTES) add(app, context);
  await app.ready();
  return app;
}

/** What is there whatever the domains are. */
const PLATFORM_ROUTES = [
  addEvents,
  addAudits,
  addTransactions,
  addHealth,
  addDemonstration,
  addRpc,
  addDashboardFiles,
];
