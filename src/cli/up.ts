import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { Config } from "#community/config.ts";
import { type LoadedCommunities, loadCommunities } from "#community/loadScenario.ts";
import { openCommunities } from "#community/openCommunities.ts";
import { firstOf, type MarketOptions } from "#community/runningCommunities.ts";
import { readNetwork } from "#community/workspace.ts";
import { present } from "#kernel/units/assert.ts";
import { ClockStoppedError } from "#platform/runtime/marketClock.ts";
import { keepHeapSmall } from "#platform/system/smallHeap.ts";
import { createLiveReport } from "./liveReport.ts";
import { port, positive, wholeNumber } from "./optionValues.ts";
import { runMarket } from "./runMarket.ts";
import { announceRunning } from "./running.ts";

type Options = Omit<MarketOptions, "mqtt"> & {
  readonly mqttPort?: number;
  readonly mqttHost: string;
  readonly mqttTls?: string;
  readonly mqttBroker?: string;
  readonly scenario: string;
  readonly data?: string;
  readonly recover?: boolean;
};

/** Seconds of the market for each second of the world: a quarter of an hour a second. */
const DEFAULT_SPEED = 900;

/** `commonwatt up`: chain, contracts, database, API and all roles of a scenario's communities in one process. */
export function registerUp(program: Command, config: Config): void {
  program
    .command("up")
    .description("run communities: chain, contracts, database, API and all roles in this process")
    .option("--scenario <folder>", "folder with a scenario.yaml", shippedScenario("riverside"))
    .option("--data <folder>", "recordings, for a scenario of recorded homes")
    .option("--speed <factor>", "seconds of the market for each second of the world", positive, DEFAULT_SPEED)
    .option("--realtime", "run at the world's own pace, from now on")
    .option(
      "--port <number>",
      `port of the API and its page, 0 for a free one (default ${config.port})`,
      port,
    )
    .option("--intervals <number>", "stop after so many more intervals or periods", wholeNumber(1, 1e9))
    .option(
      "--ocpp-port <number>",
      "where chargers of a depot may join over OCPP, on loopback; 0 for a free one",
      port,
    )
    .option(
      "--outside-meters <homes...>",
      "homes whose meters are run by commonwatt meter, not simulated here",
    )
    .option("--mqtt-port <number>", "where meters may hand in readings over MQTT; 0 for a free one", port)
    .option("--mqtt-host <address>", "address of that port; beyond loopback it needs --mqtt-tls", "127.0.0.1")
    .option("--mqtt-tls <folder>", "folder with key.pem and certificate.pem of that port")
    .option("--mqtt-broker <url>", "another broker at which readings are heard")
    .option("--whole-book", "submit every order to the chain, also those that the verification does not need")
    .option("--recover", "go on from the chain's older snapshot when the newest is damaged")
    .action((options: Options) => up(options, config));
}

async function up(options: Options, config: Config): Promise<void> {
  const stopper = new AbortController();
  const stop = () => stopper.abort();
  const letHeapGrow = keepHeapSmall();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    await runCommunity({ options, config, signal: stopper.signal, stop });
  } catch (error) {
    if (!(error instanceof ClockStoppedError)) throw error;
  } finally {
    letHeapGrow();
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
  const { scenarios, name } = await scenariosOf(options, config);
  const report = createLiveReport(process.stdout, scenarios);
  const nodes = await openCommunities({
    workspace: config.directory,
    name,
    scenarios,
    scenarioFolder: options.scenario,
    damagedSnapshot: options.recover ? "useOlder" : "refuse",
    onProgress: report.say,
  });
  const node = firstOf(nodes);
  node.chain.onExit(stop);
  signal.addEventListener("abort", () => node.senders.stop(), { once: true });
  const retract = announceRunning(node.folder, node.chain.rpcUrl);
  const opened: (() => Promise<void>)[] = [() => node.stop(), async () => retract()];
  try {
    await runMarket({ nodes, options: marketOptions(options), config, signal, report, opened });
  } finally {
    report.say("stopping: what was settled is kept");
    await closeAll(opened.reverse());
  }
}

function marketOptions({ mqttHost, mqttPort, mqttTls, mqttBroker, ...options }: Options): MarketOptions {
  return { ...options, mqtt: { host: mqttHost, port: mqttPort, tls: mqttTls, broker: mqttBroker } };
}

/**
 * Closes one after the other, whatever becomes of the ones before.
 *
 * @throws what the last of them threw: the chain, on which all others stand, is closed last
 */
async function closeAll(closings: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closings) await close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures.at(-1);
}

/** In real time communities begin now, and keep that beginning when they are started again. */
async function scenariosOf(options: Options, config: Config): Promise<LoadedCommunities> {
  const load = (from?: string) =>
    loadCommunities({
      folder: options.scenario,
      dataFolder: options.data,
      overrides: from === undefined ? {} : { from },
    });
  const loaded = await load();
  if (!options.realtime) return loaded;
  const name = `${loaded.name}-realtime`;
  const [first] = readNetwork(config.directory, name)?.scenario?.communities ?? [];
  const startsAt = first?.startsAt ?? Date.now() / 1_000;
  const timeZone = present(loaded.scenarios[0], "a scenario").timeZone;
  return { ...(await load(localTime(startsAt, timeZone))), name };
}

/** Local date and time as a scenario writes it: 2025-05-12T09:00. */
function localTime(unixSeconds: number, timeZone: string): string {
  const text = new Date(unixSeconds * 1_000).toLocaleString("sv-SE", { timeZone });
  return text.slice(0, 16).replace(" ", "T");
}

/** The folder of a scenario that comes with Commonwatt: beside the built program. */
function shippedScenario(name: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const beside = join(here, "..", "scenarios", name);
  return existsSync(beside) ? beside : join("scenarios", name);
}
