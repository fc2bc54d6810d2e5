import type { Address, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { createSiweMessage, type SiweMessage } from "viem/siwe";
import { toHex } from "#kernel/crypto/hex.ts";
import type { Api } from "#platform/api/apiContext.ts";

/** Headers of a request that the signed-in person sends. */
export type SignedIn = { readonly cookie: string };

/** Who signs: a key of the test, or a wallet. */
export type Signer = { readonly address: Address; readonly sign: (message: string) => Promise<Hex> };

/** Sends a request to the API, wherever it runs. */
type Ask = (
  method: "GET" | "POST",
  path: string,
  payload?: object,
) => Promise<{ status: number; body: string; setCookie: string | null }>;

export function keySigner(privateKey: Uint8Array): Signer {
  const account = privateKeyToAccount(toHex(privateKey));
  return { address: account.address, sign: (message) => account.signMessage({ message }) };
}

/** The whole sign-in with a private key, at an API that does not listen. */
export function signIn(app: Api, privateKey: Uint8Array): Promise<SignedIn> {
  return signInBy(askApp(app), { signer: keySigner(privateKey), domain: "localhost:80" });
}

/** The same at an address where the API listens. */
export function signInAt(address: string, signer: Signer): Promise<SignedIn> {
  return signInBy(askAddress(address), { signer, domain: new URL(address).host });
}

/** The message that a page asks its wallet to sign. */
export function signInMessage(
  place: { address: Address; domain: string; chainId: number; nonce: string },
  changes: Partial<SiweMessage> = {},
): string {
  return createSiweMessage({
    ...place,
    uri: `http://${place.domain}`,
    version: "1",
    statement: "Sign in to Commonwatt.",
    ...changes,
  });
}

async function signInBy(ask: Ask, { signer, domain }: { signer: Signer; domain: string }): Promise<SignedIn> {
  const { chain } = JSON.parse((await ask("GET", "/v1/session")).body) as { chain: { chainId: number } };
  const { nonce } = JSON.parse((await ask("POST", "/v1/session/nonce")).body) as { nonce: string };
  const message = signInMessage({ address: signer.address, domain, chainId: chain.chainId, nonce });
  const signature = await signer.sign(message);
  const { status, body, setCookie } = await ask("POST", "/v1/session", { message, signature });
  if (status !== 200 || setCookie === null) throw new Error(`the sign-in was answered ${status}: ${body}`);
  return { cookie: setCookie.split(";")[0] ?? "" };
}

function askApp(app: Api): Ask {
  return async (method, url, payload) => {
    const answer = await app.inject({ method, url, ...(payload && { payload }) });
    const { "set-cookie": setCookie } = answer.headers;
    return {
      status: answer.statusCode,
      body: answer.body,
      setCookie: setCookie === undefined ? null : String(setCookie),
    };
  };
}

function askAddress(address: string): Ask {
  return async (method, path, payload) => {
    const content = payload && {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(payload),
    };
    const answer = await fetch(`${address}${path}`, { method, ...content });
    return {
      status: answer.status,
      body: await answer.text(),
      setCookie: answer.headers.get("set-cookie"),
    };
  };
}
