import { type Address, getAddress, numberToHex, SwitchChainError } from "viem";
import { ChainNotConfiguredError, createConnector } from "wagmi";
import type { z } from "zod";
import type { walletAnswerWire } from "#platform/api/wireSession.ts";
import { sendJson } from "../api/getJson.ts";

type Request = { readonly method: string; readonly params?: unknown };
type Provider = { readonly request: (request: Request) => Promise<unknown> };

/** What the demonstration answers with its own keys; everything else is asked of the chain. */
const SIGNING_METHODS: ReadonlySet<string> = new Set([
  "personal_sign",
  "eth_signTypedData_v4",
  "eth_sendTransaction",
]);

/** A wallet that holds one of the demonstration's keys, which everybody knows: it signs without asking. */
export function demonstrationConnector(role: Address) {
  const address = getAddress(role);
  return createConnector<Provider>(({ chains: [chain] }) => {
    const provider = demonstrationProvider({ address, chainId: chain.id });
    return {
      id: "demonstration",
      name: "Key of the demonstration",
      type: "demonstration",
      // The form of the accounts depends on an option of wagmi that is not used here.
      connect: async () => ({ accounts: [address] as never, chainId: chain.id }),
      disconnect: async () => undefined,
      getAccounts: async () => [address],
      getChainId: async () => chain.id,
      getProvider: async () => provider,
      isAuthorized: async () => true,
      async switchChain({ chainId }) {
        if (chainId !== chain.id) throw new SwitchChainError(new ChainNotConfiguredError());
        return chain;
      },
      // The provider has one account and one chain, for good.
      onAccountsChanged: () => undefined,
      onChainChanged: () => undefined,
      onDisconnect: () => undefined,
    };
  });
}

function demonstrationProvider({ address, chainId }: { address: Address; chainId: number }): Provider {
  return {
    async request({ method, params = [] }) {
      if (method === "eth_accounts" || method === "eth_requestAccounts") return [address];
      if (method === "eth_chainId") return numberToHex(chainId);
      if (!SIGNING_METHODS.has(method)) return askChain({ method, params });
      const body = { address, method, params };
      const { result } = await sendJson<z.infer<typeof walletAnswerWire>>(
        "POST",
        "/v1/demonstration/requests",
        body,
      );
      return result;
    },
  };
}

type RpcAnswer = {
  readonly result?: unknown;
  readonly error?: { code: number; message: string; data?: unknown };
};

async function askChain(request: Required<Request>): Promise<unknown> {
  const { result, error } = await sendJson<RpcAnswer>("POST", "/rpc", { jsonrpc: "2.0", id: 1, ...request });
  // By EIP-1193 a refusal is thrown with its code.
  if (error) throw Object.assign(new Error(error.message), error);
  return result;
}
