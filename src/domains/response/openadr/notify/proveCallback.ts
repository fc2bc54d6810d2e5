import { randomBytes } from "node:crypto";
import { RefusedRequestError } from "../refusedRequest.ts";
import { type CallbackPolicy, requireCallable } from "./callbackPolicy.ts";
import { callCallback } from "./callCallback.ts";

const CHALLENGE_BYTES = 24;
const OK = 200;

/**
 * Requires of each address that the VTN may call it and, by the policy `proven`, that it answers a challenge: a GET with the parameter
 * `echo` gets 200 with its value in the body (OpenADR 3.1, webhooks).
 *
 * @throws RefusedRequestError
 */
export async function requireCallbacks(urls: readonly string[], policy: CallbackPolicy): Promise<void> {
  for (const url of new Set(urls)) {
    requireCallable(url, policy);
    if (policy === "proven") await prove(url);
  }
}

async function prove(text: string): Promise<void> {
  const echo = randomBytes(CHALLENGE_BYTES).toString("hex");
  const url = new URL(text);
  url.searchParams.set("echo", echo);
  const answer = await callCallback(url, { policy: "proven" }).catch(() => null);
  if (answer?.status !== OK || !answer.text.includes(echo))
    throw new RefusedRequestError(
      400,
      `callbackUrl ${text}: it did not answer a GET with the value of its parameter echo`,
    );
}
