import { join } from "node:path";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import type { DamagedSnapshotRule } from "#platform/chain/embedded/chainState.ts";
import { connectNetwork, type Network } from "#platform/chain/network.ts";
import { openSenders, type Senders } from "#platform/chain/senders.ts";
import { createKeyring, type Keyring } from "#platform/runtime/keyring.ts";
import type { Setting } from "#world/simulation/setting.ts";
import type { AreaScenario } from "./areaScenario.ts";
import { DEMONSTRATION_CHAINS, numberedChainId } from "./chainId.ts";
import type { ChainNode, CommunityNode } from "./communityNode.ts";
import type { FoundedCommunity } from "./foundedArea.ts";
import { type CommunityPlan, foundCommunities } from "./founding.ts";
import { type NetworkRecord, networkFolder, readNetwork, rememberLatest, writeNetwork } from "./workspace.ts";

type NodeOptions = {
  readonly workspace: string;
  readonly name: string;
  readonly scenarioFolder: string;
  readonly damagedSnapshot?: DamagedSnapshotRule;
  readonly onProgress: (step: string) => void;
};

/** Gas costs nothing on the embedded chain: accounts need no ether. */
const EMBEDDED_GAS_PRICE = 0n;
/** A community's own chain begins this long before its first interval: time to found it. */
const FOUNDING_SECONDS = 86_400;

/** As {@link openCommunities}, for a single one. */
export async function openCommunityNode<S extends AreaScenario>({
  scenario,
  ...options
}: NodeOptions & { readonly scenario: S }): Promise<CommunityNode<S, EmbeddedChain>> {
  const [node] = await openCommunities({ ...options, scenarios: [scenario] });
  return present(node, "the community of a scenario");
}

/**
 * Starts the embedded chain of the network `name`, and founds the scenarios' communities on it, or finds them there. The
 * nodes share the chain: each of them stops it.
 *
 * @throws CommunityMismatchError when the folder holds another scenario or seed
 */
export async function openCommunities<S extends AreaScenario>({
  scenarios,
  ...options
}: NodeOptions & { readonly scenarios: readonly S[] }): Promise<readonly CommunityNode<S, EmbeddedChain>[]> {
  const { workspace, name, damagedSnapshot = "refuse", onProgress } = options;
  const first = present(scenarios[0], "a scenario");
  const folder = networkFolder(workspace, name);
  const chain = await startEmbeddedChain({
    directory: join(folder, "chain"),
    chainId: chainIdOf(scenarios.length === 1 ? first.name : name, first),
    genesisTimestamp: Math.min(...scenarios.map(({ startsAt }) => startsAt)) - FOUNDING_SECONDS,
    damagedSnapshot,
    onNotice: onProgress,
  });
  try {
    const network = await connectNetwork({
      rpcUrl: chain.rpcUrl,
      request: chain.request,
      expectedChainId: chain.chainId,
      gasPrice: EMBEDDED_GAS_PRICE,
    });
    const known = readNetwork(workspace, name);
    const plans = scenarios.map((scenario) => ({ scenario, keyring: keyringOf(scenario) }));
    const founded = findCommunities(known, scenarios) ?? (await found({ ...options, chain, network, plans }));
    rememberLatest(workspace, name);
    const senders = await openSenders({
      network,
      folder: join(folder, "senders"),
      // The chain itself records a block after it was made.
      syncs: "meanwhile",
      onNotice: onProgress,
    });
    const stop = () => stopNode(chain, senders);
    const node: ChainNode<EmbeddedChain> = { folder, chain, network, senders, isFresh: !known, stop };
    return plans.map((plan, i) => ({
      ...node,
      ...plan,
      isDemonstration: true,
      founded: present(founded[i], "a founded community"),
    }));
  } catch (error) {
    await chain.stop();
    throw error;
  }
}

async function stopNode(chain: EmbeddedChain, senders: Senders): Promise<void> {
  await senders.close();
  await chain.stop();
}

/** The keys of a demonstration follow from what everybody knows. */
function keyringOf({ name, seed }: Setting): Keyring {
  return createKeyring(`demonstration ${name} ${seed}`);
}

async function found({
  workspace,
  name,
  scenarioFolder,
  chain,
  network,
  plans,
  onProgress,
}: NodeOptions & {
  readonly chain: EmbeddedChain;
  readonly network: Network;
  readonly plans: readonly CommunityPlan[];
}): Promise<readonly FoundedCommunity[]> {
  const adminKey = chain.fundingPrivateKey;
  const founded = await foundCommunities({ network, communities: plans, adminKey, onProgress });
  await chain.checkpoint();
  const communities = plans.map(({ scenario }, i) => ({
    name: scenario.name,
    areaId: present(founded[i], "a founded community").areaId,
    seed: scenario.seed,
    startsAt: scenario.startsAt,
  }));
  writeNetwork(workspace, {
    name,
    rpcUrl: null,
    scenario: { folder: scenarioFolder, communities },
    deployment: present(founded[0], "a founded community").deployment,
  });
  return founded;
}

/** The communities of these scenarios that a network holds; null when it holds none. */
function findCommunities(
  known: NetworkRecord | null,
  scenarios: readonly Setting[],
): readonly FoundedCommunity[] | null {
  if (!known?.scenario) return null;
  const { communities } = known.scenario;
  const areSame = scenarios.every(({ name, seed, startsAt }, i) => {
    const there = communities[i];
    return there?.name === name && there.seed === seed && there.startsAt === startsAt;
  });
  if (!areSame || communities.length !== scenarios.length)
    throw new CommunityMismatchError(known.name, scenarios.map(({ name }) => name).join(" and "));
  return communities.map(({ areaId }) => ({ deployment: known.deployment, areaId }));
}

/** A chain id of our own for each scenario and seed, away from the numbers of public networks. */
function chainIdOf(name: string, { seed }: Setting): number {
  return numberedChainId(DEMONSTRATION_CHAINS, `${name} ${seed}`);
}

export class CommunityMismatchError extends DomainError {
  readonly code = "communityMismatch";

  constructor(network: string, scenario: string) {
    super(
      `the network ${network} holds scenario ${scenario} with another seed or start; give the one it was founded with, or move its folder away`,
    );
  }
}
