import { join } from "node:path";
import { createCommunity } from "#agents/community.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#chain/anvil.ts";
import type { DamagedSnapshotRule } from "#chain/chainState.ts";
import { createMarketView } from "#chain/marketView.ts";
import { readPublication } from "#chain/meterLedger.ts";
import { connectNetwork, type Network } from "#chain/network.ts";
import { readSigner } from "#chain/participants.ts";
import { createSender } from "#chain/sender.ts";
import type { Submission } from "#evidence/clearingPlan.ts";
import type { SignedReading } from "#evidence/meterReading.ts";
import { poolSeparator } from "#evidence/signedOrder.ts";
import { keccak256Text } from "#evidence/typedData.ts";
import type { CommunityRoles } from "#roles/communityRun.ts";
import { type FlowHistory, withFlowHistory } from "#roles/flowHistory.ts";
import { type FoundedCommunity, foundCommunity, homeMeterId, keyNames } from "#roles/founding.ts";
import type { IncidentFile } from "#roles/incidentFile.ts";
import { createIncidents, type Incidents, incidentReports } from "#roles/incidents.ts";
import { createKeyring, type Keyring } from "#roles/keyring.ts";
import { drivenClock, type MarketClock } from "#roles/marketClock.ts";
import { createMarketOperator, type DroppedOrder } from "#roles/marketOperator.ts";
import { openMeterGateway } from "#roles/meterGateway.ts";
import { type OpenOrder, openOrderDesk } from "#roles/orderDesk.ts";
import { SUPPLIER_ACCOUNT } from "#simulation/accounts.ts";
import type { Scenario } from "#simulation/scenario.ts";
import { DomainError } from "#units/domainError.ts";
import type { IntervalId } from "#units/interval.ts";
import { type NetworkRecord, networkFolder, readNetwork, rememberLatest, writeNetwork } from "./workspace.ts";

/** A community with its chain, in this process. */
export type CommunityNode = {
  readonly folder: string;
  readonly chain: EmbeddedChain;
  readonly network: Network;
  readonly founded: FoundedCommunity;
  readonly keyring: Keyring;
  readonly isFresh: boolean;
  stop(): Promise<void>;
};

/** Gas costs nothing on the embedded chain: accounts need no ether. */
const EMBEDDED_GAS_PRICE = 0n;
/** A community's own chain begins this long before its first interval: time to found it. */
const FOUNDING_SECONDS = 86_400;

/**
 * Starts the embedded chain of the network `name`, and founds the scenario's community on it, or finds it there.
 *
 * @throws CommunityMismatchError when the folder holds another scenario or seed
 */
export async function openCommunityNode({
  workspace,
  name,
  scenario,
  scenarioFolder,
  damagedSnapshot = "refuse",
  onProgress,
}: {
  workspace: string;
  name: string;
  scenario: Scenario;
  scenarioFolder: string;
  damagedSnapshot?: DamagedSnapshotRule;
  onProgress: (step: string) => void;
}): Promise<CommunityNode> {
  const folder = networkFolder(workspace, name);
  const keyring = createKeyring(`demonstration ${scenario.name} ${scenario.seed}`);
  const chain = await startEmbeddedChain({
    directory: join(folder, "chain"),
    chainId: chainIdOf(scenario),
    genesisTimestamp: scenario.startsAt - FOUNDING_SECONDS,
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
    requireSameScenario(known, scenario);
    const found = async () => {
      const adminKey = chain.fundingPrivateKey;
      const community = await foundCommunity({ network, scenario, keyring, adminKey, onProgress });
      await chain.checkpoint();
      writeNetwork(workspace, {
        name,
        rpcUrl: null,
        areaId: community.areaId,
        scenario: { folder: scenarioFolder, seed: scenario.seed, startsAt: scenario.startsAt },
        deployment: community.deployment,
      });
      return community;
    };
    const founded =
      known?.areaId != null ? { deployment: known.deployment, areaId: known.areaId } : await found();
    rememberLatest(workspace, name);
    return { folder, chain, network, founded, keyring, isFresh: !known, stop: () => chain.stop() };
  } catch (error) {
    await chain.stop();
    throw error;
  }
}

function requireSameScenario(known: NetworkRecord | null, { name, seed, startsAt }: Scenario): void {
  if (!known?.scenario) return;
  if (known.scenario.seed === seed && known.scenario.startsAt === startsAt) return;
  throw new CommunityMismatchError(known.name, name);
}

/** What must be durable before the market goes on, and what it goes on from. */
export type Archives = {
  keepOrder: (order: OpenOrder) => Promise<void>;
  keepDropped: (dropped: readonly DroppedOrder[]) => Promise<void>;
  /** The orders of an interval that were accepted and not dropped. */
  standingOrders: (intervalId: IntervalId) => readonly OpenOrder[];
  keepReadings: (readings: readonly SignedReading[]) => Promise<void>;
};

/** The roles of the community in this process, by its demonstration keys. */
export async function startRoles(
  node: CommunityNode,
  {
    scenario,
    archives,
    flows,
    incidentFile,
    ...clearing
  }: {
    scenario: Scenario;
    archives: Archives;
    flows?: FlowHistory;
    incidentFile?: IncidentFile;
    submit?: Submission;
    maxStepOrders?: number;
  },
): Promise<CommunityRoles & { desk: ReturnType<typeof openOrderDesk>; incidents: Incidents }> {
  const { network, founded, keyring } = node;
  const { deployment, areaId } = founded;
  const separator = poolSeparator(deployment.chainId, deployment.poolMarket);
  const clock = await openClock(node);
  const incidents = createIncidents(clock.now, incidentFile);
  const { onRefusedOrder, onRefusedReading, onFailedTransaction } = incidentReports(incidents);
  const senderOf = (name: string) =>
    createSender(network, keyring.key(name).hex, { onFailure: onFailedTransaction });
  const meters = new Map(
    scenario.homes.map(({ id, account }) => [
      homeMeterId(scenario, id) as string,
      { account, areaId, deviceKey: keyring.key(keyNames.device(id)).address },
    ]),
  );
  const desk = openOrderDesk({
    areaId,
    terms: scenario.terms,
    separator,
    directory: { signerOf: (account) => readSigner(network, deployment, { areaId, account }) },
    now: clock.now,
    keep: archives.keepOrder,
    onRefusal: onRefusedOrder,
  });
  return {
    scenario,
    incidents,
    community: flows ? withFlowHistory(createCommunity(scenario), flows) : createCommunity(scenario),
    keyring,
    clock,
    desk,
    operator: createMarketOperator({
      sender: senderOf(keyNames.operator),
      deployment,
      market: createMarketView(network, deployment, areaId),
      areaId,
      terms: scenario.terms,
      supplier: SUPPLIER_ACCOUNT,
      ...clearing,
      keepDropped: archives.keepDropped,
      standingOrders: archives.standingOrders,
    }),
    gateway: openMeterGateway({
      sender: senderOf(keyNames.meterGateway),
      deployment,
      areaId,
      meterOf: (meterId) => meters.get(meterId),
      keep: archives.keepReadings,
      publicationOf: (intervalId) => readPublication(network, deployment.meterLedger, { areaId, intervalId }),
      onRefusal: onRefusedReading,
    }),
    areaId,
    separator,
    ledger: { chainId: deployment.chainId, meterLedger: deployment.meterLedger },
  };
}

async function openClock({ network, chain }: CommunityNode): Promise<MarketClock> {
  const { timestamp } = await network.client.getBlock();
  return drivenClock(Number(timestamp), (time) => chain.setNextBlockTime(time));
}

/** A chain id of our own for each scenario and seed, away from the numbers of public networks. */
function chainIdOf({ name, seed }: Scenario): number {
  const [a = 0, b = 0, c = 0] = keccak256Text(`commonwatt chain ${name} ${seed}`);
  return 7_000_000_000 + ((a << 16) | (b << 8) | c);
}

export class CommunityMismatchError extends DomainError {
  readonly code = "communityMismatch";

  constructor(network: string, scenario: string) {
    super(
      `the network ${network} holds scenario ${scenario} with another seed or start; give the one it was founded with, or move its folder away`,
    );
  }
}
