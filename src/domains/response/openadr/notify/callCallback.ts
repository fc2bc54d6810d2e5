import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { type CallbackPolicy, guardedLookup, mayCall } from "./callbackPolicy.ts";

/** What a callback answered; the text is cut off after some bytes. */
export type CallbackAnswer = { readonly status: number; readonly text: string };

/** OpenADR 3.1 names 10 to 30 s. */
const TIMEOUT_MS = 10_000;
const MOST_ANSWER_BYTES = 4_096;

/**
 * Sends one request to a callback. It follows no redirection, and connects to no address that the policy forbids, whatever the name of
 * the host stands for by then.
 *
 * @throws whatever the network says, and an error for a forbidden address
 */
export function callCallback(
  url: URL,
  {
    policy,
    bearerToken,
    body,
  }: {
    readonly policy: CallbackPolicy;
    readonly bearerToken?: string | null;
    /** Posted as JSON; without one it is a GET. */
    readonly body?: unknown;
  },
): Promise<CallbackAnswer> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !mayCall(host, policy))
    return Promise.reject(new Error(`${host} is no public address`));
  const text = body === undefined ? null : JSON.stringify(body);
  const options: RequestOptions = {
    method: text === null ? "GET" : "POST",
    lookup: guardedLookup(policy),
    agent: false,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      ...(text !== null && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
      ...(bearerToken && { authorization: `Bearer ${bearerToken}` }),
    },
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(url, options, (response) => readAnswer(response).then(resolve, reject));
    request.on("error", reject);
    request.end(text ?? undefined);
  });
}

async function readAnswer(response: IncomingMessage): Promise<CallbackAnswer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response) {
    parts.push(part as Buffer);
    bytes += (part as Buffer).length;
    if (bytes > MOST_ANSWER_BYTES) break;
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") };
}
