import type { FastifyReply, FastifyRequest } from "fastify";
import type { Api } from "./apiContext.ts";
import { sendProblem } from "./problem.ts";

/** The paths of all routes with the methods that each takes. */
export type KnownRoutes = readonly { readonly path: RegExp; readonly method: string }[];

/** Collects the routes that are added from now on. */
export function rememberRoutes(app: Api): KnownRoutes {
  const routes: { path: RegExp; method: string }[] = [];
  app.addHook("onRoute", ({ url, method }) => {
    if (url.includes("*")) return;
    const path = new RegExp(`^${url.replace(/[.\\]/g, "\\$&").replace(/:[A-Za-z]+/g, "[^/]+")}$`);
    for (const each of [method].flat()) routes.push({ path, method: each });
  });
  return routes;
}

/** 405 with the methods that a path takes; 404 for a path that there is not. */
export function answerUnknownRoute(
  routes: KnownRoutes,
  { url, method }: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const [path = ""] = url.split("?");
  const allowed = routes.filter((route) => route.path.test(path)).map((route) => route.method);
  if (allowed.length === 0)
    return sendProblem(reply, { status: 404, reason: "notFound", detail: "there is no such resource" });
  const allow = [...new Set(allowed)].sort().join(", ");
  reply.header("allow", allow);
  return sendProblem(reply, {
    status: 405,
    reason: "methodNotAllowed",
    detail: `${method} is not among ${allow}`,
  });
}
