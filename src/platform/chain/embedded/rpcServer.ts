import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { z } from "zod";
import { sentenceOf } from "#kernel/units/domainError.ts";
import { type RpcHandler, RpcRefusal } from "#platform/chain/rpcHandler.ts";
import { listenAt } from "#platform/system/listenAt.ts";

export type RpcServer = {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  close(): Promise<void>;
};

const HOST = "127.0.0.1";
/** Deployments and clearings are some 100 kB as hexadecimal digits; a batch may have many. */
const MAX_BODY_BYTES = 64 * 1_048_576;
const INVALID_REQUEST = -32_600;
const INTERNAL_ERROR = -32_603;

const CALL = z.object({
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string(),
  params: z.array(z.unknown()).optional().default([]),
});

/**
 * Serves JSON-RPC on the loopback interface; port 0 takes a free one.
 *
 * @throws the system's error when the port is taken
 */
export async function startRpcServer({
  port,
  handle,
}: {
  port: number;
  handle: RpcHandler;
}): Promise<RpcServer> {
  const server = createServer((request, response) => void respond({ request, response, handle }));
  server.keepAliveTimeout = 60_000;
  const taken = await listenAt(server, { host: HOST, port });
  return { url: `http://${HOST}:${taken}`, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

type Exchange = { request: IncomingMessage; response: ServerResponse; handle: RpcHandler };

async function respond({ request, response, handle }: Exchange): Promise<void> {
  const body = await readBody(request).catch(() => null);
  const answer = await answerBody(body, handle);
  if (response.destroyed) return;
  const text = JSON.stringify(answer);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES)
      throw new RpcRefusal({ code: INVALID_REQUEST, message: "the request is too large" });
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

function answerBody(body: unknown, handle: RpcHandler): Promise<unknown> {
  return Array.isArray(body)
    ? Promise.all(body.map((each) => answerCall(each, handle)))
    : answerCall(body, handle);
}

async function answerCall(body: unknown, handle: RpcHandler): Promise<unknown> {
  const { success, data: call } = CALL.safeParse(body);
  if (!success)
    return { jsonrpc: "2.0", id: null, error: { code: INVALID_REQUEST, message: "no call of JSON-RPC" } };
  const { id = null, method, params } = call;
  try {
    return { jsonrpc: "2.0", id, result: (await handle(method, params)) ?? null };
  } catch (error) {
    return { jsonrpc: "2.0", id, error: errorOf(error) };
  }
}

function errorOf(error: unknown): { code: number; message: string; data?: unknown } {
  if (error instanceof RpcRefusal) {
    const { rpcCode, message, data } = error;
    return { code: rpcCode, message, ...(data !== undefined && { data }) };
  }
  return { code: INTERNAL_ERROR, message: sentenceOf(error) };
}
