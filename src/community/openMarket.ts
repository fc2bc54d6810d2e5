import { join } from "node:path";
import type { LiveReport } from "#cli/liveReport.ts";
import type { Config } from "#config.ts";
import { DOMAINS, projectorOf } from "#domains/domains.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import { openIncidentFile } from "#platform/runtime/incidentFile.ts";
import { pacedClock } from "#platform/runtime/marketClock.ts";
import { createRoleWatch, watchRoles } from "#platform/runtime/roleWatch.ts";
import { createEventFeed } from "#platform/store/eventFeed.ts";
import { startIndexer } from "#platform/store/indexer.ts";
import { openStore } from "#platform/store/openStore.ts";
import { FIRST_HOME_ACCOUNT } from "#world/simulation/accounts.ts";
import { createBills } from "#world/simulation/runBills.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { archivesOf } from "./archives.ts";
import { type CommunityNode, startRoles } from "./communityNode.ts";
import { createFlowHistory } from "./flowHistory.ts";
import { recordedIntervals } from "./recordedIntervals.ts";
import { resumeCommunity } from "./resumeCommunity.ts";

/** How a market runs; `speed` in seconds of the market for each second of the world. */
export type MarketOptions = {
  readonly speed: number;
  readonly realtime?: boolean;
  readonly port?: number;
  readonly intervals?: number;
  readonly wholeBook?: boolean;
};

/** A community whose chain runs. What is opened is put into `opened` with the function that closes it, in order. */
export type RunningCommunity = {
  readonly node: CommunityNode;
  readonly scenario: Scenario;
  readonly options: MarketOptions;
  readonly config: Config;
  readonly signal: AbortSignal;
  readonly report: LiveReport;
  readonly opened: (() => Promise<void>)[];
};

/** A clearing, and what members send to the chain themselves, shows before the interval is settled. */
const POLL_MS = 1_000;

/** The world's time, unix seconds. */
export const worldNow = () => Date.now() / 1_000;

/** Archives, and the database that follows the chain with them. */
export type Records = Awaited<ReturnType<typeof openRecords>>;

export async function openRecords({ node, scenario, config, report, opened }: RunningCommunity) {
  const place = { intervalSecondsOf: () => scenario.intervalSeconds };
  const readings = openReadingArchive({ directory: join(node.folder, "readings"), ...place });
  const orders = openOrderArchive({ directory: join(node.folder, "orders"), ...place });
  const tariffOf = (intervalId: number) => {
    const index = intervalId - scenario.firstIntervalId;
    return index >= 0 && index < scenario.series.intervals ? scenario.tariff.at(index) : null;
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

/** The roles where the record ends, watched, with a clock that goes from there. */
export type OpenMarket = Awaited<ReturnType<typeof openMarket>>;

export async function openMarket(community: RunningCommunity, { store, orders, readings }: Records) {
  const { node, scenario, options, signal, report } = community;
  const { areaId } = node.founded;
  const flows = createFlowHistory({ homes: scenario.homes.length, firstAccount: FIRST_HOME_ACCOUNT });
  const roles = await startRoles(node, {
    scenario,
    flows,
    incidentFile: keepIncidents(community),
    archives: archivesOf({ readings, orders, areaId }),
    submit: options.wholeBook ? "all" : "needed",
  });
  if (options.realtime) await roles.clock.advanceTo(Math.floor(worldNow()));
  const bills = createBills(scenario);
  const { nextIntervalId, unfinished } = await resumeCommunity(roles, {
    record: recordedIntervals(store.db, { areaId, firstIntervalId: scenario.firstIntervalId }),
    bills,
    onNotice: report.say,
  });
  roles.desk.restore([...orders.all()].filter(({ refusal }) => refusal === null));

  const speed = options.realtime ? 1 : options.speed;
  // The chain began before its first interval, to be founded; nobody waits for that time to pass.
  const beginsAt = options.realtime ? roles.clock.now() : gateClosesAt(nextIntervalId, scenario.terms) - 1;
  await roles.clock.advanceTo(beginsAt);
  const clock = pacedClock(roles.clock, { speed, worldNow, signal });
  const { intervalSeconds } = scenario;
  const watch = createRoleWatch({ now: clock.now, worldNow, intervalSeconds, speed, beginsAt });
  return {
    roles: { ...watchRoles(roles, watch), clock },
    ...{ watch, flows, bills, speed, nextIntervalId, unfinished },
  };
}

function keepIncidents({ node, report, opened }: RunningCommunity) {
  const file = openIncidentFile({ path: join(node.folder, "incidents.json"), onNotice: report.say });
  opened.push(async () => file.close());
  return file;
}
