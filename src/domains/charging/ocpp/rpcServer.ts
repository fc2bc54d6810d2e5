import type { TLSSocket } from "node:tls";
import type { Admission, Credentials } from "./admitStation.ts";
import type { AnswerContext, Answers } from "./answers.ts";
import { type Listener, type OpenListener, openListener } from "./listener.ts";
import { RefusedCallError } from "./refusedCall.ts";
import { loadRpc } from "./rpc.ts";
import type { EnrolledStation } from "./station.ts";
import type { StationNews } from "./stationEvent.ts";
import type { StationLink } from "./stationState.ts";
import { OCPP_VERSIONS, type OcppVersion } from "./version.ts";

/** What the central system does with connections. */
export type ConnectionHandler = {
  admit(credentials: Credentials): Admission;
  /** A connection stands. */
  connected(station: EnrolledStation, link: StationLink): Attendance;
  /** Anything was heard of a station. */
  heard(stationId: string): void;
  tell(stationId: string, news: StationNews): void;
};

/** What is done for one connection. */
export type Attendance = {
  readonly answers: Answers;
  readonly context: AnswerContext;
  /** A call has been answered or is about to be: from now on the station takes calls. */
  answered(method: string): void;
  ended(): void;
};

type RpcServer = InstanceType<Awaited<ReturnType<typeof loadRpc>>["RPCServer"]>;

/** The part of the library's connection that we use; its own types leave it open. */
type RpcConnection = {
  readonly protocol: OcppVersion;
  readonly session: { readonly station: EnrolledStation };
  call(method: string, parameters: object): Promise<unknown>;
  handle(method: string, answer: (call: { params: never }) => Promise<object>): void;
  close(options: { code?: number; reason?: string; force?: boolean }): Promise<unknown>;
  on(event: "message" | "socketError", listener: () => void): void;
  on(event: "badMessage", listener: (bad: { error: Error }) => void): void;
  on(event: "strictValidationFailure", listener: (failure: ValidationFailure) => void): void;
  once(event: "close", listener: () => void): void;
};

type ValidationFailure = { readonly method: string; readonly error: Error; readonly outbound: boolean };

/** A frame; the longest messages are the values of a session in one. */
const MAX_FRAME_BYTES = 256 * 1_024;
/** One after the other without a good one between: anyone who sends more does not speak the protocol. */
const MOST_BAD_MESSAGES = 20;
const PING_MS = 30_000;
const HTTP = { badRequest: 400, unauthorised: 401, forbidden: 403, notFound: 404 };

/** Opens a listener whose connections speak OCPP-J; messages that do not fit their schema are answered with an error. */
export async function openRpcListener(
  listener: Listener,
  { handler, answerWithinMs }: { readonly handler: ConnectionHandler; readonly answerWithinMs: number },
): Promise<OpenListener> {
  const { RPCServer } = await loadRpc();
  const server: RpcServer = new RPCServer({
    protocols: [...OCPP_VERSIONS],
    strictMode: true,
    callTimeoutMs: answerWithinMs,
    pingIntervalMs: PING_MS,
    maxBadMessages: MOST_BAD_MESSAGES,
    wssOptions: { maxPayload: MAX_FRAME_BYTES },
  });
  authenticate(server, { handler, profile: listener.security.profile });
  server.on("client", (connection: RpcConnection) => attend(connection, { handler, listener }));
  // Errors of one connection come here too; it ends by itself.
  server.on("error", () => undefined);
  const opened = await openListener(listener, server.handleUpgrade);
  return {
    url: opened.url,
    async close() {
      await server.close({ force: true });
      await opened.close();
    },
  };
}

function authenticate(
  server: RpcServer,
  { handler, profile }: { handler: ConnectionHandler; profile: Listener["security"]["profile"] },
): void {
  server.auth((accept, reject, { identity, password, protocols, request }) => {
    const admission = handler.admit({
      stationId: identity,
      password: password ?? null,
      certificateName: profile === 3 ? certificateName(request.socket as TLSSocket) : null,
      profile,
      versions: protocols,
    });
    if ("station" in admission) return accept({ station: admission.station }, admission.version);
    handler.tell(identity, { kind: "refusedConnection", reason: admission.refusal });
    // Whether a station is enrolled is nobody's business who has no password.
    const code = admission.refusal === "noCommonVersion" ? HTTP.badRequest : HTTP.unauthorised;
    reject(code, code === HTTP.badRequest ? "no common version of OCPP" : "refused");
  });
}

function certificateName(socket: TLSSocket): string | null {
  const name = socket.authorized ? socket.getPeerCertificate()?.subject?.CN : undefined;
  return typeof name === "string" ? name : null;
}

function attend(
  connection: RpcConnection,
  { handler, listener }: { handler: ConnectionHandler; listener: Listener },
): void {
  const { station } = connection.session;
  const { stationId } = station;
  const tell = (news: StationNews) => handler.tell(stationId, news);
  const { answers, context, answered, ended } = handler.connected(station, linkOf(connection, listener));
  for (const [method, answer] of Object.entries(answers))
    connection.handle(method, async ({ params }) => {
      const result = await answerCall({ method, answer: () => answer(context, params), tell });
      answered(method);
      return result;
    });
  connection.on("message", () => handler.heard(stationId));
  connection.on("socketError", () => undefined);
  connection.on("badMessage", ({ error }) => tell(malformed(error.message)));
  connection.on("strictValidationFailure", ({ method, error, outbound }) => {
    if (!outbound) tell(malformed(`${method}: ${error.message}`));
  });
  connection.once("close", ended);
}

function linkOf(connection: RpcConnection, { security }: Listener): StationLink {
  return {
    version: connection.protocol,
    profile: security.profile,
    call: (method, parameters) => connection.call(method, parameters),
    drop: () => void connection.close({ force: true }).catch(() => undefined),
  };
}

/** What a handler refuses is the station's fault, all else ours: it is told that much, and not why. */
async function answerCall({
  method,
  answer,
  tell,
}: {
  method: string;
  answer: () => object | Promise<object>;
  tell: (news: StationNews) => void;
}): Promise<object> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof RefusedCallError) {
      tell(malformed(`${method}: ${error.message}`));
      throw error;
    }
    tell({ kind: "failedMessage", method, cause: error });
    throw new RefusedCallError("InternalError", "try again later");
  }
}

/** Sentences that an operator is shown are not as long as a frame. */
const MOST_CHARACTERS = 300;

function malformed(sentence: string): StationNews {
  return { kind: "malformedMessage", sentence: sentence.slice(0, MOST_CHARACTERS) };
}
