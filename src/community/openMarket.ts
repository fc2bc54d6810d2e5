import { join } from "node:path";
import { DOMAINS, projectorOf } from "#domains/domains.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import type { AgentBook } from "#domains/pool/agentBook.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { present } from "#kernel/units/assert.ts";
import { sentenceOf } from "#kernel/units/domainError.ts";
import { awaitChain } from "#platform/chain/patience.ts";
import type { DutyChain, DutyPlan } from "#platform/runtime/duty.ts";
import { createDutyWatch, type DutyWatch } from "#platform/runtime/dutyWatch.ts";
import { openIncidentFile } from "#platform/runtime/incidentFile.ts";
import { createIncidents, type Incidents } from "#platform/runtime/incidents.ts";
import { type MarketClock, pacedClock } from "#platform/runtime/marketClock.ts";
import { createRoleWatch, type RoleWatch } from "#platform/runtime/roleWatch.ts";
import { createEventFeed } from "#platform/store/eventFeed.ts";
import { startIndexer } from "#platform/store/indexer.ts";
import { openStore } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { isFinalOf } from "#platform/store/undo/heads.ts";
import type { OpenArea } from "./areaKind.ts";
import { openClock } from "./communityNode.ts";
import { kindOf } from "./kinds.ts";
import { openAgents } from "./pool/openAgents.ts";
import { firstOf, type RunningCommunities, worldNow } from "./runningCommunities.ts";

/** A clearing, and what members send to the chain themselves, shows before the interval is settled. */
const POLL_MS = 1_000;

/** Archives, and the database that follows the chain with them. */
export type Records = Awaited<ReturnType<typeof openRecords>>;

export async function openRecords({ nodes, config, report, opened }: RunningCommunities) {
  const node = firstOf(nodes);
  const scenarioOf = new Map(nodes.map(({ founded, scenario }) => [founded.areaId, scenario]));
  const isOurs = (areaId: number) => scenarioOf.has(areaId);
  const intervalSecondsOf = (areaId: number) =>
    present(scenarioOf.get(areaId), `the scenario of area ${areaId}`).intervalSeconds;
  const readings = openReadingArchive({ directory: join(node.folder, "readings"), intervalSecondsOf });
  const orders = openOrderArchive({ directory: join(node.folder, "orders"), intervalSecondsOf });
  const tariffOf = (areaId: number, intervalId: number) => {
    const scenario = scenarioOf.get(areaId);
    return scenario ? kindOf(scenario).tariffAt(scenario, intervalId) : null;
  };
  const { deployment } = node.founded;
  const store = await openStore({
    directory: node.folder,
    deployment,
    domains: DOMAINS,
    notesChanges: node.network.finality.kind !== "immediate",
    emptyDatabase: config.emptyDatabase,
  });
  opened.push(() => store.close());
  if (store.notice) report.say(store.notice);
  const feed = createEventFeed();
  const replaced: IntervalPlace[] = [];
  const indexer = startIndexer({
    store,
    client: node.network.client,
    // Others' areas on the same contracts have their archives elsewhere.
    projector: projectorOf({
      readingsOf: (areaId, intervalId) => (isOurs(areaId) ? readings.readingsOf(areaId, intervalId) : []),
      ordersOf: (areaId, intervalId) => (isOurs(areaId) ? orders.ordersOf(areaId, intervalId) : []),
      tariffOf,
    }),
    pollMs: POLL_MS,
    finality: node.network.finality,
    onEvents: (events) => feed.publish(events),
    onNotice: report.say,
    onReplaced({ places }) {
      replaced.push(...places);
      node.senders.lookAgain().catch((error: unknown) => report.say(sentenceOf(error)));
    },
  });
  opened.push(() => indexer.stop());
  if (!node.isFresh) report.say("reading the chain into the database");
  await indexer.poke();
  return { readings, orders, tariffOf, store, feed, indexer, takeReplaced: () => replaced.splice(0) };
}

/** What the duties of a process ask of its chain. */
export function dutyChainOf(
  { nodes, signal }: Pick<RunningCommunities, "nodes" | "signal">,
  { store, indexer, takeReplaced }: Pick<Records, "store" | "indexer" | "takeReplaced">,
): DutyChain {
  const { network } = firstOf(nodes);
  return {
    awaitAnswer: () => awaitChain(network, signal),
    takeReplaced,
    async isFinal(place) {
      if (network.finality.kind === "immediate") return true;
      await indexer.poke();
      return isFinalOf(store.db, place);
    },
  };
}

/** An area with who watches its roles. */
export type WatchedArea = OpenArea & { readonly watch: RoleWatch };

/** All areas, with a clock that goes from where their record ends. */
export type OpenMarket = {
  readonly areas: readonly WatchedArea[];
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
  const speed = options.realtime ? 1 : options.speed;
  return openAreas(community, records, {
    ...{ driven, speed },
    // The chain began before its first interval, to be founded; nobody waits for that time to pass.
    async pace(areas) {
      if (!options.realtime) await driven.advanceTo(firstDue(areas.flatMap(({ plans }) => plans)));
      return pacedClock(driven, { speed, worldNow, signal });
    },
  });
}

/** The market's clock as roles read it while areas are opened, and as it goes from then on; `speed` as in the options. */
type MarketTime = {
  readonly driven: MarketClock;
  readonly speed: number;
  readonly pace: (areas: readonly OpenArea[]) => Promise<MarketClock>;
};

/** Opens all areas, by a clock that is driven or one that goes by itself. */
export async function openAreas(
  community: RunningCommunities,
  records: Records,
  { driven, speed, pace }: MarketTime,
): Promise<OpenMarket> {
  const { nodes, options, report } = community;
  const incidents = createIncidents(driven.now, keepIncidents(community));
  const agents = openAgents(nodes, driven.now);
  const wholeBook = options.wholeBook ?? false;
  const opened: OpenArea[] = [];
  const shared = { ...records, clock: driven, incidents, agents, wholeBook };
  const outsideMeters = options.outsideMeters ?? [];
  const said = { ocppPort: options.ocppPort ?? null, outsideMeters, say: report.say };
  for (const node of nodes) {
    const area = await kindOf(node.scenario).open({ ...shared, ...said, node });
    if (area.close) community.opened.push(area.close);
    opened.push(area);
  }
  const clock = await pace(opened);
  const beginsAt = driven.now();
  const areas = opened.map((area): WatchedArea => {
    const { roles, everySeconds } = area.watched;
    const name = nodes.length > 1 ? area.scenario.title : null;
    const watch = createRoleWatch({
      ...{ now: clock.now, worldNow, roles, everySeconds, speed, beginsAt, area: name },
    });
    area.onWork(watch.worked);
    return { ...area, watch };
  });
  return { areas, clock, incidents, duties: createDutyWatch(), agents, speed };
}

/** The second of the first thing that is owed. */
function firstDue(plans: readonly DutyPlan[]): number {
  return Math.min(...plans.map(({ duty, from }) => duty.dueAt(from)));
}

function keepIncidents({ nodes, report, opened }: RunningCommunities) {
  const path = join(firstOf(nodes).folder, "incidents.json");
  const file = openIncidentFile({ path, onNotice: report.say });
  opened.push(async () => file.close());
  return file;
}
