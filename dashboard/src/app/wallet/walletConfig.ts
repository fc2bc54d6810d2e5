import { defineChain } from "viem";
import { type Config, type Connector, createConfig, http, injected } from "wagmi";
import type { SessionState } from "../api/session.ts";

/** Market time runs fast in a demonstration: a receipt is looked for twice a second. */
const POLLING_MS = 500;

let known: { readonly chainId: number; readonly config: Config } | null = null;

/** The wallets of this browser for the community's chain, whose gateway is the page's own server. */
export function walletConfig({
  chain: { chainId },
  currency,
}: {
  chain: Pick<SessionState["chain"], "chainId">;
  currency: string;
}): Config {
  if (known?.chainId !== chainId) known = { chainId, config: configFor(chainId, currency) };
  return known.config;
}

/** Wallets that announced themselves (EIP-6963); else whatever stands at `window.ethereum`. */
export function walletsOf({ connectors }: Config): readonly Connector[] {
  const own = connectors.filter(({ type }) => type === "injected");
  const announced = own.filter(({ id }) => id !== "injected");
  if (announced.length > 0) return announced;
  return "ethereum" in window ? own : [];
}

function configFor(chainId: number, currency: string): Config {
  const rpcUrl = `${location.origin}/rpc`;
  const chain = defineChain({
    id: chainId,
    name: "Commonwatt",
    nativeCurrency: { name: `Gas (no ${currency})`, symbol: "GAS", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  return createConfig({
    chains: [chain],
    connectors: [injected()],
    transports: { [chainId]: http(rpcUrl) },
    pollingInterval: POLLING_MS,
    // Who is signed in is known to the server; a wallet is looked up anew when it has something to sign.
    storage: null,
  });
}
