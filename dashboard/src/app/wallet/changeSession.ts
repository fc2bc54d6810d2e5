import { createSiweMessage } from "viem/siwe";
import { signMessage } from "wagmi/actions";
import type { z } from "zod";
import type { nonceWire } from "#platform/api/wireSession.ts";
import { sendJson } from "../api/getJson.ts";
import type { Session, SessionState } from "../api/session.ts";
import { type OpenWallet, openDemonstration, openOwn } from "./openWallet.ts";

/** With which key one signs in: one of the demonstration's, or that of a wallet in this browser. */
export type SignInWith =
  | { readonly kind: "role"; readonly address: string }
  | { readonly kind: "wallet"; readonly uid: string };

/** Signs in with a message by ERC-4361; the server sets a cookie that no script can read. */
export async function signIn(state: SessionState, by: SignInWith): Promise<Session> {
  const wallet =
    by.kind === "role"
      ? await openDemonstration(state, by.address as `0x${string}`)
      : await openOwn(state, by.uid);
  const message = await messageFor(state, wallet);
  const { config, connector, account } = wallet;
  const signature = await signMessage(config, { account, connector, message });
  return sendJson<Session>("POST", "/v1/session", { message, signature });
}

async function messageFor({ chain }: SessionState, { account }: OpenWallet): Promise<string> {
  const { nonce, issuedAt } = await sendJson<z.infer<typeof nonceWire>>("POST", "/v1/session/nonce");
  return createSiweMessage({
    address: account,
    chainId: chain.chainId,
    domain: location.host,
    uri: location.origin,
    version: "1",
    nonce,
    issuedAt: new Date(issuedAt * 1_000),
    statement: "Sign in to see your own figures. This signature moves no money.",
  });
}
