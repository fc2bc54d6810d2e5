import type { Hex } from "#kernel/crypto/hex.ts";
import type { Network } from "#platform/chain/network.ts";
import type { Senders } from "#platform/chain/senders.ts";
import type { Keyring } from "#platform/runtime/keyring.ts";
import { drivenClock, type MarketClock } from "#platform/runtime/marketClock.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import type { AreaScenario } from "./areaScenario.ts";
import type { FoundedCommunity } from "./foundedArea.ts";

/**
 * The chain that a process works on: one of its own, or one that others run as well.
 *
 * @property fundingPrivateKey of an account with ether to give away; null where nobody knows one
 * @property setNextBlockTime where the clock of the chain can be driven, and nothing where it goes by itself
 */
export type RunningChain = {
  readonly rpcUrl: string;
  readonly fundingPrivateKey: Hex | null;
  setNextBlockTime(unixSeconds: number): Promise<void>;
  checkpoint(): Promise<void>;
  onExit(listener: () => void): void;
};

/** A chain and this process's senders on it. `isFresh` when nothing was on it before. */
export type ChainNode<Chain extends RunningChain = RunningChain> = {
  readonly folder: string;
  readonly chain: Chain;
  readonly network: Network;
  /** The senders of the accounts that act in this process. */
  readonly senders: Senders;
  readonly isFresh: boolean;
  stop(): Promise<void>;
};

/** A community with its chain, in this process. */
export type CommunityNode<
  S extends AreaScenario = AreaScenario,
  Chain extends RunningChain = RunningChain,
> = ChainNode<Chain> & {
  readonly scenario: S;
  readonly founded: FoundedCommunity;
  readonly keyring: Keyring;
  /** Whether everybody knows its keys. */
  readonly isDemonstration: boolean;
};

/** A community of homes with a pool. */
export type PoolNode<Chain extends RunningChain = RunningChain> = CommunityNode<Scenario, Chain>;

/** The clock of a chain that is driven; all communities on it go by one. */
export async function openClock({ network, chain }: ChainNode): Promise<MarketClock> {
  const { timestamp } = await network.client.getBlock();
  return drivenClock(Number(timestamp), (time) => chain.setNextBlockTime(time));
}
