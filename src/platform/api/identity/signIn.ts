import { parseSiweMessage, validateSiweMessage, verifySiweMessage } from "viem/siwe";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import type { Sessions } from "./sessions.ts";

export type SignInRefusal =
  | "malformedMessage"
  | "nonceUnknown"
  | "wrongDomain"
  | "wrongChain"
  | "expired"
  | "signatureInvalid";

export type SignInAnswer =
  | { readonly status: "accepted"; readonly address: Address }
  | { readonly status: "refused"; readonly reason: SignInRefusal; readonly detail: string };

type SignIn = {
  readonly context: Pick<ApiContext, "network" | "store" | "worldNow">;
  readonly sessions: Pick<Sessions, "takeNonce">;
  /** The host that the request was sent to: a message for another one was signed for somebody else. */
  readonly domain: string;
  readonly message: string;
  readonly signature: string;
};

/**
 * Checks a signed message by ERC-4361. The signature is checked on the chain too, so that contract wallets can sign in
 * (ERC-1271, ERC-6492). The nonce is used up whatever comes of it.
 */
export async function checkSignIn(signIn: SignIn): Promise<SignInAnswer> {
  const { context, sessions, domain, message } = signIn;
  const { chainId } = context.store.deployment;
  const fields = parseSiweMessage(message);
  const { address, nonce } = fields;
  if (!address || !nonce || fields.version !== "1" || fields.chainId === undefined)
    return refuse("malformedMessage", "the message is not in the form of ERC-4361");
  if (!sessions.takeNonce(nonce))
    return refuse("nonceUnknown", "the nonce was not issued here, is used, or is older than 5 minutes");
  if (fields.domain !== domain)
    return refuse("wrongDomain", `the message is for ${fields.domain}, this is ${domain}`);
  if (fields.chainId !== chainId)
    return refuse("wrongChain", `the message is for chain ${fields.chainId}, this is chain ${chainId}`);
  const time = new Date(context.worldNow() * 1_000);
  if (!validateSiweMessage({ message: fields, time }))
    return refuse("expired", "the message is not valid at this time");
  if (!(await isSigned(signIn, time)))
    return refuse("signatureInvalid", `the signature is not of ${address}`);
  return { status: "accepted", address: address.toLowerCase() as Address };
}

function isSigned({ context, domain, message, signature }: SignIn, time: Date): Promise<boolean> {
  return verifySiweMessage(context.network.client, { message, signature: signature as Hex, domain, time });
}

function refuse(reason: SignInRefusal, detail: string): SignInAnswer {
  return { status: "refused", reason, detail };
}
