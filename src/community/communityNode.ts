import type { EmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import type { Network } from "#platform/chain/network.ts";
import type { Senders } from "#platform/chain/senders.ts";
import type { Keyring } from "#platform/runtime/keyring.ts";
import { drivenClock, type MarketClock } from "#platform/runtime/marketClock.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import type { AreaScenario } from "./areaScenario.ts";
import type { FoundedCommunity } from "./foundedArea.ts";

/** A chain in this process. `isFresh` when nothing was on it before. */
export type ChainNode = {
  readonly folder: string;
  readonly chain: EmbeddedChain;
  readonly network: Network;
  /** The senders of the accounts that act in this process. */
  readonly senders: Senders;
  readonly isFresh: boolean;
  stop(): Promise<void>;
};

/** A community with its chain, in this process. */
export type CommunityNode<S extends AreaScenario = AreaScenario> = ChainNode & {
  readonly scenario: S;
  readonly founded: FoundedCommunity;
  readonly keyring: Keyring;
};

/** A community of homes with a pool. */
export type PoolNode = CommunityNode<Scenario>;

/** The clock of a chain that is driven; all communities on it go by one. */
export async function openClock({ network, chain }: ChainNode): Promise<MarketClock> {
  const { timestamp } = await network.client.getBlock();
  return drivenClock(Number(timestamp), (time) => chain.setNextBlockTime(time));
}
