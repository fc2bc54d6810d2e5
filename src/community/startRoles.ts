import { openSignerDirectory, signerSource } from "#domains/accounts/signerDirectory.ts";
import type { FlowHistory } from "#domains/metering/flows.ts";
import { openMeterDirectory } from "#domains/metering/meterDirectory.ts";
import { openMeterGateway } from "#domains/metering/meterGateway.ts";
import { readPublication } from "#domains/metering/meterLedger.ts";
import { createMarketOperator } from "#domains/pool/marketOperator.ts";
import { createMarketView } from "#domains/pool/marketView.ts";
import { openOrderDesk } from "#domains/pool/orderDesk.ts";
import { type MarketOutcome, openPoolRecord } from "#domains/pool/poolRecord.ts";
import type { Submission } from "#domains/pool/rules/clearingPlan.ts";
import { poolSeparator } from "#domains/pool/rules/signedOrder.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { createSender } from "#platform/chain/sender.ts";
import { createIncidents, type Incidents } from "#platform/runtime/incidents.ts";
import type { MarketClock } from "#platform/runtime/marketClock.ts";
import { createCommunity } from "#world/households/community.ts";
import { communityAccounts } from "#world/simulation/accounts.ts";
import type { Archives } from "./archives.ts";
import type { AreaRoles } from "./areaDuties.ts";
import { type CommunityNode, openClock } from "./communityNode.ts";
import { withFlowHistory } from "./flowHistory.ts";
import { keyNames } from "./founding.ts";
import { openHomes } from "./homes.ts";
import { incidentReports } from "./incidentReports.ts";

/**
 * How roles work. What is left out: a clock and incidents of their own, no flows, nothing stored, and of an order book what
 * the verification needs.
 */
export type RoleOptions = {
  readonly archives: Archives;
  readonly clock?: MarketClock;
  readonly incidents?: Incidents;
  readonly flows?: FlowHistory;
  readonly stored?: (intervalId: IntervalId) => Promise<MarketOutcome | null>;
  readonly submit?: Submission;
  readonly maxStepOrders?: number;
};

/** The roles of a community in this process, by its demonstration keys. */
export type StartedRoles = AreaRoles & {
  readonly desk: ReturnType<typeof openOrderDesk>;
  readonly incidents: Incidents;
  readonly separator: Uint8Array;
};

export async function startRoles(node: CommunityNode, options: RoleOptions): Promise<StartedRoles> {
  const { scenario, keyring } = node;
  const { deployment, areaId } = node.founded;
  const clock = options.clock ?? (await openClock(node));
  const incidents = options.incidents ?? createIncidents(clock.now);
  const process = { ...node, ...options, clock, reports: incidentReports(incidents, areaId) };
  const market = createMarketView(node.network, deployment, areaId);
  const operator = startOperator(process, market);
  const record = openPoolRecord({ market, operator, stored: options.stored ?? (async () => null) });
  const gateway = openGateway(process);
  const desk = openDesk(process);
  const community = createCommunity(scenario);
  const { flows, archives } = options;
  const now = clock.now;
  const homes = openHomes({
    ...{ scenario, keyring, deployment, areaId, now, desk, gateway, record },
    community: flows ? withFlowHistory(community, flows) : community,
  });
  const separator = poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket"));
  return {
    ...{ areaId, scenario, clock, homes, desk, operator, gateway, record, incidents, separator },
    standingOrders: archives.standingOrders,
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

function startOperator(process: Process, market: ReturnType<typeof createMarketView>) {
  const { founded, scenario, archives, submit, maxStepOrders } = process;
  const { deployment, areaId } = founded;
  return createMarketOperator({
    sender: senderOf(process, keyNames.operator),
    deployment,
    market,
    areaId,
    terms: scenario.terms,
    supplier: communityAccounts(scenario.firstAccount).supplier,
    ...(submit === undefined ? {} : { submit }),
    ...(maxStepOrders === undefined ? {} : { maxStepOrders }),
    keepDropped: archives.keepDropped,
    standingOrders: archives.standingOrders,
  });
}

function openGateway(process: Process) {
  const { network, founded, archives, clock, reports } = process;
  const { deployment, areaId } = founded;
  return openMeterGateway({
    sender: senderOf(process, keyNames.meterGateway),
    deployment,
    areaId,
    meterOf: openMeterDirectory(network, deployment, clock.now),
    keep: archives.keepReading,
    kept: archives.keptReadings,
    publicationOf: (intervalId) =>
      readPublication(network, addressOf(deployment, "meterLedger"), { areaId, intervalId }),
    onRefusal: reports.onRefusedReading,
  });
}

function senderOf({ network, keyring, reports }: Process, name: string) {
  return createSender(network, keyring.key(name).hex, { onFailure: reports.onFailedTransaction });
}
