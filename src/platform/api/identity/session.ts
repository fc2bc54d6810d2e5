import cookie from "@fastify/cookie";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { sendProblem } from "#platform/api/problem.ts";
import { describeRoute, PROBLEMS } from "#platform/api/routeSchema.ts";
import { nonceWire, sessionStateWire, sessionWire, signInWire } from "#platform/api/wireSession.ts";
import { findViewer } from "./access.ts";
import { createSessions, type Session, type Sessions } from "./sessions.ts";
import { checkSignIn } from "./signIn.ts";

const COOKIE = "commonwatt_session";
const PATH = "/v1/session";

/** Reads the session of every request, before any route is asked. */
export async function addSession(app: Api, context: ApiContext): Promise<void> {
  const sessions = createSessions(context.worldNow);
  await app.register(cookie);
  app.decorateRequest("session", null);
  app.addHook("onRequest", async (request) => {
    const id = request.cookies[COOKIE];
    request.session = id === undefined ? null : sessions.find(id);
  });
  addState(app, context);
  addSignIn(app, context, sessions);
  addSignOut(app, sessions);
}

function addState(app: Api, context: ApiContext): void {
  const summary = "Who is signed in, and which chain and contracts this is";
  app.get(
    PATH,
    { schema: describeRoute("session", summary, { body: sessionStateWire }) },
    async (request, reply) => {
      reply.header("cache-control", "no-store");
      const { store, demonstration, timeZone, currency } = context;
      const { chainId, contracts } = store.deployment;
      return {
        session: request.session && (await sessionBody(context, request, request.session)),
        demonstration: demonstration && { sentence: KNOWN_KEYS, roles: [...demonstration.roles] },
        chain: { chainId, contracts: { ...contracts } },
        timeZone,
        currency,
      };
    },
  );
}

const KNOWN_KEYS =
  "This is a demonstration: everybody knows the keys of these roles, which follow from the scenario's name and seed, and they guard test currency only.";

function addSignIn(app: Api, context: ApiContext, sessions: Sessions): void {
  app.post(
    `${PATH}/nonce`,
    { schema: describeRoute("session", "A nonce for one message, valid for 5 minutes", { body: nonceWire }) },
    async (_request, reply) => {
      reply.header("cache-control", "no-store");
      return sessions.issueNonce();
    },
  );
  app.post(
    PATH,
    {
      schema: {
        body: signInWire,
        ...describeRoute("session", "Sign in with a signed ERC-4361 message", { body: sessionWire }),
      },
    },
    async (request, reply) => {
      const { message, signature } = request.body;
      const domain = request.host;
      const result = await checkSignIn({ context, sessions, domain, message, signature });
      if (result.status === "refused") return answerRefusal(reply, result);
      if (request.cookies[COOKIE]) sessions.close(request.cookies[COOKIE]);
      const { id, session } = sessions.open(result.address);
      request.session = session;
      reply.setCookie(COOKIE, id, cookieOptions(request)).header("cache-control", "no-store");
      return sessionBody(context, request, session);
    },
  );
}

function addSignOut(app: Api, sessions: Sessions): void {
  app.delete(
    PATH,
    {
      schema: {
        tags: ["session"],
        summary: "Sign out",
        response: {
          204: z.null().describe("Signed out"),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      if (request.cookies[COOKIE]) sessions.close(request.cookies[COOKIE]);
      return reply.clearCookie(COOKIE, cookieOptions(request)).code(204).send(null);
    },
  );
}

function answerRefusal(
  reply: FastifyReply,
  { reason, detail }: { readonly reason: string; readonly detail: string },
): FastifyReply {
  const status = reason === "malformedMessage" ? 422 : 401;
  return sendProblem(reply, { status, title: "Sign-in refused", reason, detail });
}

/** Without an expiry, the browser drops it when it ends; the server does after 12 hours. */
function cookieOptions(request: FastifyRequest) {
  // A proxy in front speaks https and says so. Anyone who lies about it only spoils the own cookie.
  const isHttps = request.protocol === "https" || request.headers["x-forwarded-proto"] === "https";
  return { path: "/", httpOnly: true, sameSite: "strict", secure: isHttps } as const;
}

async function sessionBody(
  context: ApiContext,
  request: FastifyRequest,
  { address, expiresAt }: Session,
): Promise<z.infer<typeof sessionWire>> {
  const viewer = await findViewer(context, request);
  const participant = viewer?.participant ?? null;
  const [operated] = viewer?.operatedAreas ?? [];
  const isGridOperator =
    participant !== null && (await context.directory.areas()).some(({ dso }) => dso === participant.account);
  const known = context.demonstration?.roles.find((role) => role.address === address);
  return {
    address,
    account: participant?.account ?? null,
    name: (participant && context.accountNames.get(participant.account)) ?? known?.name ?? null,
    roles: [
      ...(participant ? ["participant" as const] : []),
      ...(operated ? ["operator" as const] : []),
      ...(isGridOperator ? ["gridOperator" as const] : []),
    ],
    areaId: participant?.areaIds[0] ?? operated?.areaId ?? null,
    hasMeter: participant?.hasMeter ?? false,
    expiresAt,
  };
}
