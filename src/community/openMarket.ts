import { join } from "node:path";
import { DOMAINS, projectorOf } from "#domains/domains.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { type AgentBook, createAgentBook } from "#domains/pool/agentBook.ts";
import { type ArchivedOrder, openOrderArchive } from "#domains/pool/orderArchive.ts";
import { countPaidIntervals } from "#domains/pool/queries/replay.ts";
import { present } from "#kernel/units/assert.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { createDutyWatch, type DutyWatch } from "#platform/runtime/dutyWatch.ts";
import { openIncidentFile } from "#platform/runtime/incidentFile.ts";
import { createIncidents, type Incidents } from "#platform/runtime/incidents.ts";
import { type MarketClock, pacedClock } from "#platform/runtime/marketClock.ts";
import { createRoleWatch, type RoleWatch } from "#platform/runtime/roleWatch.ts";
import { createEventFeed } from "#platform/store/eventFeed.ts";
import { startIndexer } from "#platform/store/indexer.ts";
import { openStore } from "#platform/store/openStore.ts";
import { FIRST_HOME } from "#world/simulation/accounts.ts";
import { openAgentFile } from "./agentFile.ts";
import { type Archives, archivesOf } from "./archives.ts";
import { type AreaStart, areaPlans } from "./areaDuties.ts";
import { type CommunityNode, openClock } from "./communityNode.ts";
import type { Config } from "./config.ts";
import { createFlowHistory } from "./flowHistory.ts";
import { type LiveBills, openLiveBills } from "./liveBills.ts";
import { recordedIntervals, reliveRecord, storedMarket } from "./recordedIntervals.ts";
import { startRoles } from "./startRoles.ts";

/** How a market runs; `speed` in seconds of the market for each second of the world. */
export type MarketOptions = {
  readonly speed: number;
  readonly realtime?: boolean;
  readonly port?: number;
  readonly intervals?: number;
  readonly wholeBook?: boolean;
};

/** Communities whose chain runs. What is opened is put into `opened` with the function that closes it, in order. */
export type RunningCommunities = {
  readonly nodes: readonly CommunityNode[];
  readonly options: MarketOptions;
  readonly config: Config;
  readonly signal: AbortSignal;
  /** Tells people in one sentence. */
  readonly report: { say(sentence: string): void };
  readonly opened: (() => Promise<void>)[];
};

/** A clearing, and what members send to the chain themselves, shows before the interval is settled. */
const POLL_MS = 1_000;

/** The world's time, unix seconds. */
export const worldNow = () => Date.now() / 1_000;

/** Archives, and the database that follows the chain with them. */
export type Records = Awaited<ReturnType<typeof openRecords>>;

export async function openRecords({ nodes, config, report, opened }: RunningCommunities) {
  const node = firstOf(nodes);
  const scenarioOf = new Map(nodes.map(({ founded, scenario }) => [founded.areaId, scenario]));
  const intervalSecondsOf = (areaId: number) =>
    present(scenarioOf.get(areaId), `the scenario of area ${areaId}`).intervalSeconds;
  const readings = openReadingArchive({ directory: join(node.folder, "readings"), intervalSecondsOf });
  const orders = openOrderArchive({ directory: join(node.folder, "orders"), intervalSecondsOf });
  const tariffOf = (areaId: number, intervalId: number) => {
    const scenario = scenarioOf.get(areaId);
    const index = intervalId - (scenario?.firstIntervalId ?? 0);
    return scenario && index >= 0 && index < scenario.series.intervals ? scenario.tariff.at(index) : null;
  };
  const { deployment } = node.founded;
  const store = await openStore({
    directory: node.folder,
    deployment,
    domains: DOMAINS,
    emptyDatabase: config.emptyDatabase,
  });
  opened.push(() => store.close());
  if (store.notice) report.say(store.notice);
  const feed = createEventFeed();
  const indexer = startIndexer({
    store,
    client: node.network.client,
    projector: projectorOf({ readingsOf: readings.readingsOf, ordersOf: orders.ordersOf, tariffOf }),
    pollMs: POLL_MS,
    onEvents: (events) => feed.publish(events),
    onNotice: report.say,
  });
  opened.push(() => indexer.stop());
  if (!node.isFresh) report.say("reading the chain into the database");
  await indexer.poke();
  return { readings, orders, tariffOf, store, feed, indexer };
}

/** An area where its record ends: its roles, what they go on with, and who watches them. */
export type OpenArea = Awaited<ReturnType<typeof openArea>> & {
  readonly watch: RoleWatch;
  readonly bills: LiveBills;
};

/** All areas, with a clock that goes from where their record ends. */
export type OpenMarket = {
  readonly areas: readonly OpenArea[];
  readonly clock: MarketClock;
  readonly incidents: Incidents;
  readonly duties: DutyWatch;
  readonly agents: AgentBook;
  readonly speed: number;
};

export async function openMarket(community: RunningCommunities, records: Records): Promise<OpenMarket> {
  const { nodes, options, signal } = community;
  const driven = await openClock(firstOf(nodes));
  if (options.realtime) await driven.advanceTo(Math.floor(worldNow()));
  const incidents = createIncidents(driven.now, keepIncidents(community));
  const agents = openAgents(community, driven.now);
  const taken = [];
  for (const node of nodes) taken.push(await openArea({ node, driven, incidents, agents, options }, records));
  const speed = options.realtime ? 1 : options.speed;
  // The chain began before its first interval, to be founded; nobody waits for that time to pass.
  if (!options.realtime) await driven.advanceTo(Math.min(...taken.map(firstDue)));
  const beginsAt = driven.now();
  const clock = pacedClock(driven, { speed, worldNow, signal });
  const areas: OpenArea[] = [];
  for (const area of taken) {
    const { scenario, areaId, start, roles, onOrder } = area;
    const { intervalSeconds } = scenario;
    const name = nodes.length > 1 ? scenario.title : null;
    const watch = createRoleWatch({ now: clock.now, worldNow, intervalSeconds, speed, beginsAt, area: name });
    const bills = await openLiveBills(records.store.db, { areaId, scenario, start });
    onOrder(({ intervalId }) => watch.worked("order desk", `took an order for interval ${intervalId}`));
    areas.push({ ...area, watch, bills, roles: { ...roles, clock } });
  }
  return { areas, clock, incidents, duties: createDutyWatch(), agents, speed };
}

type OrderListener = (order: { readonly intervalId: IntervalId }) => void;

type Opening = {
  readonly node: CommunityNode;
  readonly driven: MarketClock;
  readonly incidents: Incidents;
  readonly agents: AgentBook;
  readonly options: MarketOptions;
};

async function openArea(
  { node, driven, incidents, agents, options }: Opening,
  { store, orders, readings }: Records,
) {
  const { scenario, founded } = node;
  const { areaId } = founded;
  const flows = createFlowHistory({ homes: scenario.homes.length, firstMember: FIRST_HOME });
  const listeners: OrderListener[] = [];
  const roles = await startRoles(node, {
    archives: tellingArchives(archivesOf({ readings, orders, areaId }), listeners),
    clock: driven,
    incidents,
    agents,
    flows,
    stored: storedMarket(store.db, areaId),
    submit: options.wholeBook ? "all" : "needed",
  });
  const { firstIntervalId } = scenario;
  const record = recordedIntervals(store.db, { areaId, firstIntervalId });
  const start = await reliveRecord(roles.homes, { record, firstIntervalId });
  for (const intervalId of intervalsOrderedFrom(orders.all(), { areaId, from: start.nextIntervalId })) {
    const { stage } = await roles.record.marketOf(intervalId);
    if (stage === "collecting") roles.desk.restore(roles.standingOrders(intervalId));
  }
  return {
    ...{ node, scenario, areaId, roles, flows, start },
    onOrder: (listener: OrderListener) => void listeners.push(listener),
    settledIntervals: await countPaidIntervals(store.db, areaId),
  };
}

function intervalsOrderedFrom(
  orders: Iterable<ArchivedOrder>,
  { areaId, from }: { areaId: number; from: IntervalId },
): ReadonlySet<IntervalId> {
  const ids = new Set<IntervalId>();
  for (const order of orders)
    if (order.areaId === areaId && order.intervalId >= from) ids.add(order.intervalId);
  return ids;
}

/** The second of the first thing that is owed in an area. */
function firstDue({ roles, start }: { roles: Parameters<typeof areaPlans>[0]; start: AreaStart }): number {
  return Math.min(...areaPlans(roles, start).map(({ duty, from }) => duty.dueAt(from)));
}

/** The archives of an area, where every order that its desk takes is told to the listeners once it is kept. */
function tellingArchives(archives: Archives, listeners: readonly OrderListener[]): Archives {
  return {
    ...archives,
    async keepOrder(order) {
      await archives.keepOrder(order);
      for (const listener of listeners) listener(order);
    },
  };
}

/** Communities on one chain share its folder, its database and its contracts. */
export function firstOf(nodes: readonly CommunityNode[]): CommunityNode {
  return present(nodes[0], "a community");
}

/** Every home of a community has an agent; what members told it is kept beside the chain. */
function openAgents(community: RunningCommunities, now: () => number): AgentBook {
  const homes = new Map(
    community.nodes.map(({ founded, scenario }) => [
      founded.areaId,
      new Set(scenario.homes.map(({ member }) => member)),
    ]),
  );
  return createAgentBook({
    isThere: ({ areaId, member }) => homes.get(areaId)?.has(member) ?? false,
    now,
    ...openAgentFile(join(firstOf(community.nodes).folder, "agents.json")),
  });
}

function keepIncidents({ nodes, report, opened }: RunningCommunities) {
  const path = join(firstOf(nodes).folder, "incidents.json");
  const file = openIncidentFile({ path, onNotice: report.say });
  opened.push(async () => file.close());
  return file;
}
