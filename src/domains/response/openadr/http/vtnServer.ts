import rateLimit from "@fastify/rate-limit";
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
} from "fastify";
import type { NotifiersResponse } from "../model/answers.ts";
import { REQUESTS } from "../model/objects.ts";
import { objectID } from "../model/scalars.ts";
import { withoutNulls } from "../model/withoutNulls.ts";
import { LIST_QUERIES } from "../rules/listQuery.ts";
import { type Method, OPERATIONS, type Operation, type Subject } from "../rules/operations.ts";
import type { Vtn } from "../vtn.ts";
import type { Principal } from "../vtnDesk.ts";
import { answerError, read, sendProblem } from "./answerProblem.ts";
import { authenticate } from "./authenticate.ts";
import { answerToken } from "./tokenRoute.ts";

export type VtnServerOptions = {
  /** Where clients get tokens: `/auth/token` as they reach it from outside. */
  readonly tokenUrl: () => string;
  readonly logger?: FastifyBaseLogger;
  /** Requests a minute of one address; the usual ones when left out. */
  readonly perMinute?: { readonly all: number; readonly tokens: number };
};

/** A report of a day in quarters of an hour for a hundred resources, and room. */
const MAX_BODY_BYTES = 1_048_576;
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_ID_CHARACTERS = 256;
/** A client that polls each second is far below; a token costs some 10 ms of a core. */
const PER_MINUTE = { all: 12_000, tokens: 1_200 } as const;

/** How clients may be told of changes. */
const NOTIFIERS: NotifiersResponse = { WEBHOOK: true };

const HEADERS = { "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" } as const;

/** The HTTP server of a VTN, ready to listen: OpenADR 3.1.1's operations, and nothing else. */
export async function createVtnServer(vtn: Vtn, options: VtnServerOptions): Promise<FastifyInstance> {
  const app = fastify({
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    // A proxy in front says who asks; nobody else is believed.
    trustProxy: "loopback",
    routerOptions: { maxParamLength: MAX_ID_CHARACTERS },
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  });
  readBodies(app);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerUnknown);
  app.addHook("onRequest", async (_request, reply) => void reply.headers(HEADERS));
  const { all, tokens } = options.perMinute ?? PER_MINUTE;
  await app.register(rateLimit, { global: true, max: all, timeWindow: "1 minute" });
  for (const operation of OPERATIONS) {
    const { method, path, subject } = operation;
    const ofTokens = subject.kind === "token" && {
      config: { rateLimit: { max: tokens, timeWindow: "1 minute" } },
    };
    app.route({ method, url: addressOf(path), ...ofTokens, ...handlersOf(operation, vtn, options) });
  }
  await app.ready();
  return app;
}

/** JSON, which may be empty where a request has no body, and forms. */
function readBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, text, done) => {
    if (text === "") done(null, undefined);
    else parseJson(request, text, done);
  });
  app.addContentTypeParser<string>(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, text, done) => done(null, new URLSearchParams(text)),
  );
}

/** Its parameters after colons, as the server's router has them. */
function addressOf(path: string): string {
  return path.replace(/\{([A-Za-z]+)\}/g, ":$1");
}

type Served = { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly who: Principal };

/** Who comes is known before anything that it sent is read. */
function handlersOf({ method, scope, subject }: Operation, vtn: Vtn, { tokenUrl }: VtnServerOptions) {
  if (scope === null)
    return {
      handler: async (request: FastifyRequest, reply: FastifyReply) =>
        subject.kind === "token" ? answerToken(request, reply, vtn) : { tokenURL: tokenUrl() },
    };
  const principals = new WeakMap<FastifyRequest, Principal>();
  return {
    onRequest: async (request: FastifyRequest) =>
      void principals.set(request, authenticate(request, scope, vtn)),
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const who = principals.get(request) ?? authenticate(request, scope, vtn);
      return serve(method, subject, { vtn, served: { request, reply, who } });
    },
  };
}

async function serve(
  method: Method,
  subject: Subject,
  { vtn, served }: { readonly vtn: Vtn; readonly served: Served },
): Promise<unknown> {
  if (subject.kind === "objects") return serveObjects(method, subject, { vtn, served });
  if (subject.kind === "object") return serveObject(method, subject, { vtn, served });
  if (subject.kind === "notifiers") return NOTIFIERS;
  return sendProblem(served.reply, 404, "this VTN tells by webhook alone: it has no topics of MQTT");
}

async function serveObjects(
  method: Method,
  { objectType }: Subject & { kind: "objects" },
  { vtn: { desk }, served: { request, reply, who } }: { readonly vtn: Vtn; readonly served: Served },
): Promise<unknown> {
  if (method === "GET")
    return desk.list(who, objectType, read(LIST_QUERIES[objectType], request.query, "query"));
  reply.code(201);
  return desk.create(who, objectType, read(REQUESTS[objectType], withoutNulls(request.body), "body"));
}

async function serveObject(
  method: Method,
  { objectType, idName }: Subject & { kind: "object" },
  { vtn: { desk }, served: { request, who } }: { readonly vtn: Vtn; readonly served: Served },
): Promise<unknown> {
  const id = read(objectID, (request.params as Record<string, unknown>)[idName], idName);
  if (method === "GET") return desk.find(who, objectType, id);
  if (method === "DELETE") return desk.remove(who, objectType, id);
  const body = read(REQUESTS[objectType], withoutNulls(request.body), "body");
  return desk.update(who, objectType, { id, request: body });
}

/** 405 with the methods that an address takes; 404 for one that there is not. */
function answerUnknown({ url, method }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path = ""] = url.split("?");
  const allowed = OPERATIONS.filter((each) => patternOf(each.path).test(path)).map((each) => each.method);
  if (allowed.length === 0) return sendProblem(reply, 404, "OpenADR has no such address");
  const allow = [...new Set(allowed)].sort().join(", ");
  reply.header("allow", allow);
  return sendProblem(reply, 405, `${method} is not among ${allow}`);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{[A-Za-z]+\}/g, "[^/]+")}$`);
}
