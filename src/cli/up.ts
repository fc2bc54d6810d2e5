import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { pino } from "pino";
import { createApi } from "#api/createApi.ts";
import { runIntervals } from "#roles/communityRun.ts";
import { createDemonstrationWallet, demonstrationKeys } from "#roles/demonstrationWallet.ts";
import { createFlowHistory } from "#roles/flowHistory.ts";
import { openIncidentFile } from "#roles/incidentFile.ts";
import { incidentReports } from "#roles/incidents.ts";
import { ClockStoppedError, pacedClock } from "#roles/marketClock.ts";
import { gateClosesAt } from "#roles/orderDesk.ts";
import { resumeCommunity } from "#roles/resumeCommunity.ts";
import { createRoleWatch, watchRoles } from "#roles/roleWatch.ts";
import { DSO_ACCOUNT, FIRST_HOME_ACCOUNT, FUND_ACCOUNT, SUPPLIER_ACCOUNT } from "#simulation/accounts.ts";
import { createBills } from "#simulation/bills.ts";
import type { Scenario } from "#simulation/scenario.ts";
import { createEventFeed } from "#store/eventFeed.ts";
import { startIndexer } from "#store/indexer.ts";
import { openStore } from "#store/openStore.ts";
import { openOrderArchive } from "#store/orderArchive.ts";
import { openReadingArchive } from "#store/readingArchive.ts";
import { DomainError } from "#units/domainError.ts";
import type { Config } from "../config.ts";
import { archivesOf } from "./archives.ts";
import { createAuditJob } from "./auditJob.ts";
import { type CommunityNode, openCommunityNode, startRoles } from "./communityNode.ts";
import { UsageError } from "./exit.ts";
import { createLiveReport } from "./liveReport.ts";
import { loadScenario } from "./loadScenario.ts";
import { recordedIntervals } from "./recordedIntervals.ts";
import { announceRunning } from "./running.ts";
import { readNetwork } from "./workspace.ts";

type Options = {
  readonly scenario: string;
  readonly data?: string;
  readonly speed: number;
  readonly realtime?: boolean;
  readonly port?: number;
  readonly intervals?: number;
  readonly wholeBook?: boolean;
  readonly recover?: boolean;
};

/** Seconds of the market for each second of the world: a quarter of an hour a second. */
const DEFAULT_SPEED = 900;
const HOST = "127.0.0.1";
/** A clearing, and what members send to the chain themselves, shows before the interval is settled. */
const POLL_MS = 1_000;

/** `commonwatt up`: chain, contracts, database, API and all roles of a community in one process. */
export function registerUp(program: Command, config: Config): void {
  program
    .command("up")
    .description("run a community: chain, contracts, database, API and all roles in this process")
    .option("--scenario <folder>", "folder with a scenario.yaml", shippedScenario("riverside"))
    .option("--data <folder>", "recordings, for a scenario of recorded homes")
    .option("--speed <factor>", "seconds of the market for each second of the world", positive, DEFAULT_SPEED)
    .option("--realtime", "run at the world's own pace, from now on")
    .option(
      "--port <number>",
      `port of the API and its page, 0 for a free one (default ${config.port})`,
      port,
    )
    .option("--intervals <number>", "stop after so many more intervals", wholePositive)
    .option("--whole-book", "submit every order to the chain, also those that the verification does not need")
    .option("--recover", "go on from the chain's older snapshot when the newest is damaged")
    .action((options: Options) => up(options, config));
}

async function up(options: Options, config: Config): Promise<void> {
  const stopper = new AbortController();
  const stop = () => stopper.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    await runCommunity({ options, config, signal: stopper.signal, stop });
  } catch (error) {
    if (!(error instanceof ClockStoppedError)) throw error;
  } finally {
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
  }
}

async function runCommunity({
  options,
  config,
  signal,
  stop,
}: {
  options: Options;
  config: Config;
  signal: AbortSignal;
  stop: () => void;
}): Promise<void> {
  const { scenario, name } = await scenarioOf(options, config);
  const report = createLiveReport(process.stdout, scenario);
  const node = await openCommunityNode({
    workspace: config.directory,
    name,
    scenario,
    scenarioFolder: options.scenario,
    damagedSnapshot: options.recover ? "useOlder" : "refuse",
    onProgress: report.say,
  });
  const failures: string[] = [];
  node.chain.onExit((reason) => {
    failures.push(reason);
    stop();
  });
  const retract = announceRunning(node.folder, node.chain.rpcUrl);
  const opened: (() => Promise<void>)[] = [() => node.stop(), async () => retract()];
  try {
    await trade({ node, scenario, options, config, signal, report, opened });
  } finally {
    report.say("stopping: what was settled is kept");
    for (const close of opened.reverse()) await close();
  }
  if (failures[0]) throw new ChainEndedError(failures[0]);
}

/** Opens the database and the API over a running chain, and lets the intervals run until `signal`. */
async function trade({
  node,
  scenario,
  options,
  config,
  signal,
  report,
  opened,
}: {
  node: CommunityNode;
  scenario: Scenario;
  options: Options;
  config: Config;
  signal: AbortSignal;
  report: ReturnType<typeof createLiveReport>;
  opened: (() => Promise<void>)[];
}): Promise<void> {
  const { deployment, areaId } = node.founded;
  const place = { intervalSecondsOf: () => scenario.intervalSeconds };
  const readings = openReadingArchive({ directory: join(node.folder, "readings"), ...place });
  const orders = openOrderArchive({ directory: join(node.folder, "orders"), ...place });
  const tariffOf = (intervalId: number) => {
    const index = intervalId - scenario.firstIntervalId;
    return index >= 0 && index < scenario.series.intervals ? scenario.tariff.at(index) : null;
  };
  const store = await openStore({
    directory: node.folder,
    deployment,
    emptyDatabase: config.emptyDatabase,
  });
  opened.push(() => store.close());
  if (store.notice) report.say(store.notice);
  const feed = createEventFeed();
  const indexer = startIndexer({
    store,
    client: node.network.client,
    sources: { readingsOf: readings.readingsOf, ordersOf: orders.ordersOf, tariffOf },
    pollMs: POLL_MS,
    onEvents: (events) => feed.publish(events),
    onNotice: report.say,
  });
  opened.push(() => indexer.stop());
  if (!node.isFresh) report.say("reading the chain into the database");
  await indexer.poke();

  const flows = createFlowHistory({ homes: scenario.homes.length, firstAccount: FIRST_HOME_ACCOUNT });
  const incidentFile = openIncidentFile({ path: join(node.folder, "incidents.json"), onNotice: report.say });
  opened.push(async () => incidentFile.close());
  const roles = await startRoles(node, {
    scenario,
    flows,
    incidentFile,
    archives: archivesOf({ readings, orders, areaId }),
    submit: options.wholeBook ? "all" : "needed",
  });
  const worldNow = () => Date.now() / 1_000;
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
  const { now } = clock;
  const watch = createRoleWatch({
    now,
    worldNow,
    intervalSeconds: scenario.intervalSeconds,
    speed,
    beginsAt,
  });
  const watched = watchRoles(roles, watch);
  const audits = createAuditJob({
    script: config.script,
    network: basename(node.folder),
    rpcUrl: node.chain.rpcUrl,
    folder: node.folder,
    worldNow,
    onNotice: report.say,
  });
  opened.push(() => audits.stop());
  const accountNames = accountNamesOf(scenario);
  const keys = demonstrationKeys(scenario, node.keyring, accountNames);
  const api = await createApi({
    store,
    orderDesk: watched.desk,
    now,
    clockSpeed: speed,
    worldNow,
    network: node.network,
    demonstration: createDemonstrationWallet({ network: node.network, deployment, keys }),
    dashboardDirectory: builtDashboard(config),
    tariffOf,
    currency: scenario.currency,
    areaNames: new Map([[areaId, { name: scenario.title, description: scenario.description }]]),
    timeZone: scenario.timeZone,
    retailParts: scenario.retailParts,
    flows: { areaId, history: flows, capacityWh: batteryCapacityWh(scenario) },
    accountNames,
    readiness: async () => [await chainCheck(node), ...watch.checks()],
    events: feed,
    incidents: roles.incidents,
    processedPerHour: watch.processedPerHour,
    audits,
    logger: pino({ level: "error" }, process.stderr),
  });
  opened.push(() => api.close());
  const address = await api.listen({ host: HOST, port: options.port ?? config.port });
  report.open({ address, rpcUrl: node.chain.rpcUrl, nextIntervalId, bills });

  const intervalIds = idsFrom(nextIntervalId, scenario);
  const { onFailedInterval } = incidentReports(roles.incidents);
  let reported = 0;
  for await (const done of runIntervals({ ...watched, clock }, intervalIds, unfinished)) {
    if (done.status === "settled") {
      bills.record(done.settled.outcome);
      watch.settled();
    } else {
      bills.recordFailed(done);
      onFailedInterval(done.intervalId, done.cause);
    }
    await node.chain.checkpoint();
    await indexer.poke();
    report.interval(done, bills);
    reported += 1;
    // What is cleared by now is settled by the next start.
    if (reported === options.intervals) break;
  }
}

/** Intervals until the recordings end; synthetic ones go on for ever. */
function* idsFrom(first: number, scenario: Scenario) {
  const end = scenario.firstIntervalId + scenario.series.intervals;
  for (let intervalId = first; intervalId < end; intervalId += 1) yield intervalId;
}

/** In real time a community begins now, and keeps that beginning when it is started again. */
async function scenarioOf(options: Options, config: Config): Promise<{ scenario: Scenario; name: string }> {
  const load = (from?: string) =>
    loadScenario({
      folder: options.scenario,
      dataFolder: options.data,
      overrides: from === undefined ? {} : { from },
    });
  const { scenario } = await load();
  if (!options.realtime) return { scenario, name: scenario.name };
  const name = `${scenario.name}-realtime`;
  const startsAt = readNetwork(config.directory, name)?.scenario?.startsAt ?? Date.now() / 1_000;
  const live = await load(localTime(startsAt, scenario.timeZone));
  return { scenario: live.scenario, name };
}

/** Local date and time as a scenario writes it: 2025-05-12T09:00. */
function localTime(unixSeconds: number, timeZone: string): string {
  const text = new Date(unixSeconds * 1_000).toLocaleString("sv-SE", { timeZone });
  return text.slice(0, 16).replace(" ", "T");
}

function batteryCapacityWh({ homes }: Scenario): number {
  return homes.reduce((sum, { battery }) => sum + (battery?.capacityWh ?? 0), 0);
}

function accountNamesOf(scenario: Scenario): ReadonlyMap<number, string> {
  return new Map([
    [SUPPLIER_ACCOUNT, "Supplier"],
    [DSO_ACCOUNT, "Grid operator"],
    [FUND_ACCOUNT, "Community fund"],
    ...scenario.homes.map(({ account, name }) => [account, name] as const),
  ]);
}

async function chainCheck({ network }: CommunityNode) {
  try {
    const chainId = await network.client.getChainId();
    const isOurs = chainId === network.chainId;
    return { name: "chain", isReady: isOurs, detail: `chain id ${chainId}` };
  } catch {
    return { name: "chain", isReady: false, detail: `no chain answers at ${network.rpcUrl}` };
  }
}

/** A source tree that runs unbuilt has none. */
function builtDashboard({ dashboardDirectory }: Config): string | null {
  return existsSync(join(dashboardDirectory, "index.html")) ? dashboardDirectory : null;
}

/** The folder of a scenario that comes with Commonwatt: beside the built program. */
function shippedScenario(name: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const beside = join(here, "..", "scenarios", name);
  return existsSync(beside) ? beside : join("scenarios", name);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1e9)) throw new UsageError(`${text} is not a number above 0`);
  return value;
}

function wholePositive(text: string): number {
  const value = positive(text);
  if (!Number.isInteger(value)) throw new UsageError(`${text} is not a whole number above 0`);
  return value;
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new UsageError(`--port ${text} is not a port from 0 to 65535`);
  return value;
}

export class ChainEndedError extends DomainError {
  readonly code = "chainEnded";

  constructor(reason: string) {
    super(`the embedded chain ended: ${reason}`);
  }
}
