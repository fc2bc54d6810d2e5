import { readArea } from "#domains/metering/areaRegistry.ts";
import type { FlowHistory } from "#domains/metering/flows.ts";
import {
  type MemberDirectory,
  memberSource,
  openMemberDirectory,
} from "#domains/metering/memberDirectory.ts";
import type { AgentBook } from "#domains/pool/agentBook.ts";
import { createMarketOperator } from "#domains/pool/marketOperator.ts";
import { createMarketView, type MarketView } from "#domains/pool/marketView.ts";
import { openOrderDesk } from "#domains/pool/orderDesk.ts";
import { type MarketOutcome, openPoolRecord } from "#domains/pool/poolRecord.ts";
import type { Submission } from "#domains/pool/rules/clearingPlan.ts";
import { poolSeparator } from "#domains/pool/rules/signedOrder.ts";
import { openTermsSchedule, type TermsSchedule } from "#domains/pool/termsSchedule.ts";
import { present } from "#kernel/units/assert.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { createIncidents, type Incidents } from "#platform/runtime/incidents.ts";
import type { MarketClock } from "#platform/runtime/marketClock.ts";
import { createCommunity } from "#world/households/community.ts";
import { openAreaGateway } from "../areaGateway.ts";
import { openClock, type PoolNode } from "../communityNode.ts";
import { incidentReports } from "../incidentReports.ts";
import { keyNames } from "../keyNames.ts";
import type { Archives } from "./archives.ts";
import type { AreaRoles } from "./areaDuties.ts";
import { withFlowHistory } from "./flowHistory.ts";
import { type Homes, type HomesOptions, openHomes } from "./homes.ts";

/**
 * How roles work. What is left out: a clock and incidents of their own, no flows, agents that decide by themselves, nothing stored, and of an order book what
 * the verification needs.
 */
export type RoleOptions = {
  readonly archives: Archives;
  readonly clock?: MarketClock;
  readonly incidents?: Incidents;
  readonly flows?: FlowHistory;
  readonly agents?: AgentBook;
  readonly outsideMeters?: readonly string[];
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

export async function startRoles(node: PoolNode, options: RoleOptions): Promise<StartedRoles> {
  const { scenario, network } = node;
  const { deployment, areaId } = node.founded;
  const clock = options.clock ?? (await openClock(node));
  const incidents = options.incidents ?? createIncidents(clock.now);
  const market = createMarketView(network, deployment, areaId);
  const terms = await openTermsSchedule(areaId, market);
  const area = present(await readArea(network, deployment, areaId), `area ${areaId} on the chain`);
  const directory = openMemberDirectory(memberSource(network, deployment), clock.now);
  const reports = incidentReports(incidents, areaId);
  const process = { ...node, ...options, clock, terms, directory, reports };
  const operator = startOperator(process, market);
  const record = openPoolRecord({ market, operator, stored: options.stored ?? (async () => null) });
  const gateway = openAreaGateway(node, {
    directory,
    now: clock.now,
    keep: options.archives.keepReading,
    kept: options.archives.keptReadings,
    onRefusal: reports.onRefusedReading,
    onFailure: reports.onFailedTransaction,
  });
  const desk = openDesk(process);
  const { archives } = options;
  const homes = scenario.isMetered ? null : simulatedHomes(process, { desk, gateway, record });
  const separator = poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket"));
  return {
    ...{ areaId, scenario, area, terms, clock, homes, desk, operator, gateway, record, incidents, separator },
    standingOrders: archives.standingOrders,
  };
}

type Neighbours = Pick<HomesOptions, "desk" | "gateway" | "record">;

function simulatedHomes({ founded, clock, flows, ...process }: Process, neighbours: Neighbours): Homes {
  const community = createCommunity(process.scenario);
  return openHomes({
    ...{ ...process, ...founded, ...neighbours, now: clock.now },
    outsideMeters: process.outsideMeters ?? [],
    community: flows ? withFlowHistory(community, flows) : community,
  });
}

type Process = PoolNode &
  RoleOptions & {
    readonly clock: MarketClock;
    readonly terms: TermsSchedule;
    readonly directory: MemberDirectory;
    readonly reports: ReturnType<typeof incidentReports>;
  };

function openDesk({ founded, scenario, archives, clock, terms, directory, reports }: Process) {
  const { deployment, areaId } = founded;
  return openOrderDesk({
    areaId,
    terms,
    separator: poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket")),
    directory,
    currency: scenario.currency,
    timeZone: scenario.timeZone,
    now: clock.now,
    keep: archives.keepOrder,
    onRefusal: reports.onRefusedOrder,
  });
}

function startOperator(process: Process, market: MarketView) {
  const { founded, terms, archives, submit, maxStepOrders } = process;
  const { deployment, areaId } = founded;
  return createMarketOperator({
    sender: senderOf(process, keyNames.operator),
    deployment,
    market,
    areaId,
    terms,
    ...(submit === undefined ? {} : { submit }),
    ...(maxStepOrders === undefined ? {} : { maxStepOrders }),
    keepDropped: archives.keepDropped,
    standingOrders: archives.standingOrders,
  });
}

function senderOf({ senders, keyring, reports }: Process, name: string) {
  return senders.of(keyring.key(name).hex, { onFailure: reports.onFailedTransaction });
}
