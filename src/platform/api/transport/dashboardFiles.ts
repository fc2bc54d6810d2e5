import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { DOCUMENT_POLICY } from "#platform/api/documentPolicy.ts";

/** First parts of the dashboard's own addresses: it reads the rest itself. */
const PAGES = [
  "intervals",
  "me",
  "order",
  "orders",
  "rules",
  "grid",
  "operator",
  "members",
  "audit",
  "participants",
  "transactions",
  "status",
  "transformer",
  "station",
  "charging",
];

/**
 * A worker has the policy of its own response. The one that checks an interval asks the node that its reader names,
 * wherever that is; the page itself never may. It alone may compile WebAssembly, the library that recovers signatures.
 */
const CHECK_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http: https:";
const CHECK_SCRIPT = "check.worker";

/** The name of a file under here holds a hash of its content. */
const HASHED = "assets";
const FOR_EVER = "public, max-age=31536000, immutable";
/** Kept, but asked for again each time: an answer without a body when it is still the same. */
const ASK_AGAIN = "no-cache";

/** The built dashboard, with its page at every address that is its own; without one, a line that says where the API is. */
export function addDashboardFiles(app: Api, { dashboardDirectory: root }: ApiContext): void {
  if (root === null) {
    app.get("/", { schema: { hide: true } }, async (_request, reply) =>
      reply
        .type("text/plain; charset=utf-8")
        .send("Commonwatt's API; the dashboard is not built. See /docs\n"),
    );
    return;
  }
  app.register(fastifyStatic, {
    root,
    serve: false,
    index: false,
    preCompressed: true,
    cacheControl: false,
    // Only for a file that is there: nobody may keep it for ever that one is missing.
    setHeaders: (reply, path) => {
      const isHashed = path.startsWith(join(root, HASHED));
      const isCheck = basename(path).includes(CHECK_SCRIPT);
      reply.header("cache-control", isHashed ? FOR_EVER : ASK_AGAIN);
      reply.header("content-security-policy", isCheck ? CHECK_POLICY : DOCUMENT_POLICY);
    },
  });
  const add = (path: string, send: (reply: FastifyReply, rest: string) => FastifyReply) =>
    app.get<{ Params: { "*"?: string } }>(path, { schema: { hide: true } }, async ({ params }, reply) =>
      send(reply, params["*"] ?? ""),
    );
  add(`/${HASHED}/*`, (reply, rest) => reply.sendFile(`${HASHED}/${rest}`));
  for (const file of filesBeside(root)) add(`/${file}`, (reply) => reply.sendFile(file));
  for (const path of ["/", ...PAGES.flatMap((page) => [`/${page}`, `/${page}/*`])])
    add(path, (reply) => reply.sendFile("index.html"));
}

/** Whether somebody who reads pages came by an address that no page has: the dashboard says so in its own words. */
export function isLostReader({ dashboardDirectory }: ApiContext, request: FastifyRequest): boolean {
  const { method, url, headers } = request;
  const isPage = !/^\/(v1|assets|rpc|docs)(\/|\?|$)/.test(url);
  return dashboardDirectory !== null && method === "GET" && isPage && !!headers.accept?.includes("text/html");
}

/** An icon, a manifest: what the build puts beside the page, and not their compressed twins. */
function filesBeside(root: string): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name))
    .map(({ name }) => name);
}
