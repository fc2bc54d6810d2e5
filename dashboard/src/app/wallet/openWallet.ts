import type { Address } from "viem";
import type { Config, Connector } from "wagmi";
import { connect, disconnect } from "wagmi/actions";
import type { SessionState } from "../api/session.ts";
import { demonstrationConnector } from "./demonstrationConnector.ts";
import { walletConfig, walletsOf } from "./walletConfig.ts";

/** A wallet that is ready to sign for one address on the community's chain. */
export type OpenWallet = {
  readonly config: Config;
  readonly connector: Connector;
  readonly account: Address;
};

/** Opens the wallet that signs for `address`: the reader's own where it has this account, else the demonstration's key. */
export async function openWalletOf(state: SessionState, address: string): Promise<OpenWallet> {
  const config = walletConfig(state);
  const own = await findOwn(config, address);
  if (own) return onChain(state, { config, ...own });
  const isKnownKey = state.demonstration?.roles.some((role) => role.address === address);
  if (isKnownKey) return openDemonstration(state, address as Address);
  const [first] = walletsOf(config);
  if (!first) throw new WalletMissingError(address);
  const opened = await openOwn(state, first.uid);
  if (!isSame(opened.account, address)) throw new WalletMissingError(address);
  return opened;
}

/** Asks a wallet of this browser for an account. */
export async function openOwn(state: SessionState, uid: string): Promise<OpenWallet> {
  const config = walletConfig(state);
  const connector = walletsOf(config).find((wallet) => wallet.uid === uid);
  if (!connector) throw new WalletMissingError();
  await closeWallets(config);
  const { accounts } = await connect(config, { connector, chainId: state.chain.chainId });
  return onChain(state, { config, connector, account: accounts[0] });
}

/** Takes the demonstration's key of a role in hand. */
export async function openDemonstration(state: SessionState, address: Address): Promise<OpenWallet> {
  const config = walletConfig(state);
  await closeWallets(config);
  await connect(config, { connector: demonstrationConnector(address) });
  const connection = config.state.connections.get(config.state.current ?? "");
  if (!connection) throw new WalletMissingError(address);
  return { config, connector: connection.connector, account: connection.accounts[0] };
}

/** A wallet that lets this page see the account already, without asking. */
async function findOwn(config: Config, address: string) {
  for (const connector of walletsOf(config)) {
    const accounts = await connector.getAccounts().catch(() => []);
    const account = accounts.find((one) => isSame(one, address));
    if (account) return { connector, account };
  }
  return null;
}

async function onChain({ chain }: SessionState, wallet: OpenWallet): Promise<OpenWallet> {
  const { connector } = wallet;
  if ((await connector.getChainId()) === chain.chainId) return wallet;
  await connector.switchChain?.({ chainId: chain.chainId });
  if ((await connector.getChainId()) !== chain.chainId) throw new WrongChainError(chain.chainId);
  return wallet;
}

async function closeWallets(config: Config): Promise<void> {
  const connections = [...config.state.connections.values()];
  for (const { connector } of connections) await disconnect(config, { connector });
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** This browser has no wallet that could sign. */
export class WalletMissingError extends Error {
  constructor(address?: string) {
    super(address ? `no wallet in this browser signs for ${address}` : "this wallet is gone");
  }
}

class WrongChainError extends Error {
  constructor(chainId: number) {
    super(`the wallet is on another chain; switch it to chain ${chainId}`);
  }
}
