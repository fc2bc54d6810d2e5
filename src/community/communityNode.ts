import { join } from "node:path";
import { openSignerDirectory, signerSource } from "#domains/accounts/signerDirectory.ts";
import type { FlowHistory } from "#domains/metering/flows.ts";
import { openMeterGateway } from "#domains/metering/meterGateway.ts";
import { readPublication } from "#domains/metering/meterLedger.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import { createMarketOperator, type DroppedOrder } from "#domains/pool/marketOperator.ts";
import { createMarketView } from "#domains/pool/marketView.ts";
import { type OpenOrder, openOrderDesk } from "#domains/pool/orderDesk.ts";
import type { Submission } from "#domains/pool/rules/clearingPlan.ts";
import { poolSeparator } from "#domains/pool/rules/signedOrder.ts";
import { keccak256Text } from "#kernel/crypto/typedData.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { type EmbeddedChain, startEmbeddedChain } from "#platform/chain/embedded/anvil.ts";
import type { DamagedSnapshotRule } from "#platform/chain/embedded/chainState.ts";
import { connectNetwork, type Network } from "#platform/chain/network.ts";
import { createSender } from "#platform/chain/sender.ts";
import type { IncidentFile } from "#platform/runtime/incidentFile.ts";
import { createIncidents, type Incidents, incidentReports } from "#platform/runtime/incidents.ts";
import { createKeyring, type Keyring } from "#platform/runtime/keyring.ts";
import { drivenClock, type MarketClock } from "#platform/runtime/marketClock.ts";
import { createCommunity } from "#world/households/community.ts";
import { SUPPLIER_ACCOUNT } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import type { CommunityRoles } from "./communityRun.ts";
import { withFlowHistory } from "./flowHistory.ts";
import { type FoundedCommunity, foundCommunity, homeMeterId, keyNames } from "./founding.ts";
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

type RoleOptions = {
  readonly scenario: Scenario;
  readonly archives: Archives;
  readonly flows?: FlowHistory;
  readonly incidentFile?: IncidentFile;
  readonly submit?: Submission;
  readonly maxStepOrders?: number;
};

/** The roles of the community in this process, by its demonstration keys. */
export async function startRoles(
  node: CommunityNode,
  options: RoleOptions,
): Promise<CommunityRoles & { desk: ReturnType<typeof openOrderDesk>; incidents: Incidents }> {
  const { scenario, flows } = options;
  const { deployment, areaId } = node.founded;
  const clock = await openClock(node);
  const incidents = createIncidents(clock.now, options.incidentFile);
  const process = { ...node, ...options, clock, reports: incidentReports(incidents) };
  return {
    scenario,
    incidents,
    community: flows ? withFlowHistory(createCommunity(scenario), flows) : createCommunity(scenario),
    keyring: node.keyring,
    clock,
    desk: openDesk(process),
    operator: startOperator(process),
    gateway: openGateway(process),
    areaId,
    separator: poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket")),
    ledger: { chainId: deployment.chainId, meterLedger: addressOf(deployment, "meterLedger") },
  };
}

type Process = CommunityNode &
  RoleOptions & { readonly clock: MarketClock; readonly reports: ReturnType<typeof incidentReports> };

function openDesk({ network, founded, scenario, archives, clock, reports }: Process) {
  const { deployment, areaId } = founded;
  return openOrderDesk({
    areaId,
    terms: scenario.terms,
    separator: poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket")),
    directory: openSignerDirectory(signerSource(network, deployment, areaId), clock.now),
    now: clock.now,
    keep: archives.keepOrder,
    onRefusal: reports.onRefusedOrder,
  });
}

function startOperator(process: Process) {
  const { network, founded, scenario, archives, submit, maxStepOrders } = process;
  const { deployment, areaId } = founded;
  return createMarketOperator({
    sender: senderOf(process, keyNames.operator),
    deployment,
    market: createMarketView(network, deployment, areaId),
    areaId,
    terms: scenario.terms,
    supplier: SUPPLIER_ACCOUNT,
    ...(submit === undefined ? {} : { submit }),
    ...(maxStepOrders === undefined ? {} : { maxStepOrders }),
    keepDropped: archives.keepDropped,
    standingOrders: archives.standingOrders,
  });
}

function openGateway(process: Process) {
  const { network, founded, scenario, keyring, archives, reports } = process;
  const { deployment, areaId } = founded;
  const meters = new Map(
    scenario.homes.map(({ id, account }) => [
      homeMeterId(scenario, id) as string,
      { account, areaId, deviceKey: keyring.key(keyNames.device(id)).address },
    ]),
  );
  return openMeterGateway({
    sender: senderOf(process, keyNames.meterGateway),
    deployment,
    areaId,
    meterOf: (meterId) => meters.get(meterId),
    keep: archives.keepReadings,
    publicationOf: (intervalId) =>
      readPublication(network, addressOf(deployment, "meterLedger"), { areaId, intervalId }),
    onRefusal: reports.onRefusedReading,
  });
}

function senderOf({ network, keyring, reports }: Process, name: string) {
  return createSender(network, keyring.key(name).hex, { onFailure: reports.onFailedTransaction });
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
