import { RpcRequestError } from "viem";
import { z } from "zod";
import { jsonOrNull } from "#kernel/units/json.ts";
import { RpcFaultError } from "./rpcFault.ts";
import type { RpcHandler } from "./rpcHandler.ts";

const MS_PER_SECOND = 1_000;
const TOO_MANY_REQUESTS = 429;
const SERVER_ERROR = 500;
/** JSON-RPC's code for a limit on requests (EIP-1474). */
const LIMIT_EXCEEDED = -32_005;

const ANSWER = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.int(), message: z.string(), data: z.unknown().optional() }).optional(),
});

/**
 * Calls of the node at `rpcUrl` over HTTP.
 *
 * @throws RpcRequestError when the node refuses a call, RpcFaultError when it gives no answer to rely on
 */
export function nodeCall(rpcUrl: string, timeoutMs: number): RpcHandler {
  let calls = 0;
  return async (method, params) => {
    calls += 1;
    const request = { jsonrpc: "2.0", id: calls, method, params };
    const { status, retryAfterMs, text } = await post({ rpcUrl, body: JSON.stringify(request), timeoutMs });
    const where = `the node at ${rpcUrl}`;
    if (status === TOO_MANY_REQUESTS)
      throw new RpcFaultError({
        code: "rpcBusy",
        sentence: `${where} takes no more requests now`,
        retryAfterMs,
      });
    if (status >= SERVER_ERROR)
      throw new RpcFaultError({
        code: "rpcBadGateway",
        sentence: `${where} answered ${status}`,
        retryAfterMs,
      });
    return resultOf({ text, rpcUrl, method, params });
  };
}

type Call = { readonly rpcUrl: string; readonly method: string; readonly params: readonly unknown[] };

function resultOf({ text, rpcUrl, method, params }: Call & { readonly text: string }): unknown {
  const { success, data: answer } = ANSWER.safeParse(jsonOrNull(text));
  if (!success || (answer.error === undefined && answer.result === undefined))
    throw new RpcFaultError({ code: "rpcMalformed", sentence: `the node at ${rpcUrl} gave half an answer` });
  const { error, result } = answer;
  if (error === undefined) return result;
  if (error.code === LIMIT_EXCEEDED)
    throw new RpcFaultError({ code: "rpcBusy", sentence: `the node at ${rpcUrl}: ${error.message}` });
  throw new RpcRequestError({ body: { method, params }, error, url: rpcUrl });
}

type Post = { readonly rpcUrl: string; readonly body: string; readonly timeoutMs: number };

async function post({ rpcUrl, body, timeoutMs }: Post) {
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { "content-type": "application/json" };
  try {
    const response = await fetch(rpcUrl, { method: "POST", headers, body, signal });
    const { status } = response;
    const retryAfterMs = waitOf(response.headers.get("retry-after"));
    return { status, retryAfterMs, text: await response.text() };
  } catch (cause) {
    if (signal.aborted)
      throw new RpcFaultError(
        { code: "rpcTimeout", sentence: `the node at ${rpcUrl} gave no answer within ${timeoutMs} ms` },
        { cause },
      );
    throw new RpcFaultError({ code: "rpcUnreachable", sentence: `no node answers at ${rpcUrl}` }, { cause });
  }
}

/** Whole seconds, as nodes say it (RFC 9110 §10.2.3); a date is not looked at. */
function waitOf(header: string | null): number | null {
  const seconds = header === null || header.trim() === "" ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * MS_PER_SECOND : null;
}
