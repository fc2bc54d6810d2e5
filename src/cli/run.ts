import { type Command, Option } from "commander";
import type { Config } from "#community/config.ts";
import { openRecords } from "#community/openMarket.ts";
import { openPage } from "#community/openPage.ts";
import { type OwnChain, openOwnChain } from "#community/own/openOwnChain.ts";
import { type OwnCommunity, readOwnCommunity } from "#community/own/ownCommunity.ts";
import { openOperatorNode, openOwnMarket, ownClock, requireFounded } from "#community/own/runOwn.ts";
import { runParticipants } from "#community/own/runParticipants.ts";
import { ClockStoppedError, type MarketClock } from "#platform/runtime/marketClock.ts";
import { UsageError } from "./exit.ts";
import { createLiveReport } from "./liveReport.ts";
import { port } from "./optionValues.ts";
import { runFrom } from "./runMarket.ts";
import { announceRunning } from "./running.ts";
import { passphraseOf } from "./terminal.ts";

/**
 * What a process does: `chain` holds the embedded chain; `operator` takes orders and readings, clears, publishes, settles, and
 * answers the API; `participant` runs the agents of members whose keys are here.
 */
const ROLES = ["chain", "operator", "participant"] as const;
type Role = (typeof ROLES)[number];

type Options = {
  readonly role?: readonly Role[];
  readonly passphraseFile?: string;
  readonly rpc?: string;
  readonly api?: string;
  readonly port?: number;
};

/** `commonwatt run`: a founded community at the world's pace, all of its roles or some. */
export function registerRun(program: Command, config: Config): void {
  program
    .command("run")
    .description("run a founded community, all of its roles in this process or some")
    .argument("<file>", "its community.yaml")
    .addOption(new Option("--role <roles...>", "what this process does (default: all)").choices([...ROLES]))
    .option("--passphrase-file <file>", "holds the passphrase of the keys (or COMMONWATT_PASSPHRASE)")
    .option("--rpc <url>", "where the chain answers, when another process runs it")
    .option("--api <url>", "where the API answers, for a participant (default: as the file says)")
    .option("--port <number>", "port of the API, instead of the file's; 0 for a free one", port)
    .action((file: string, options: Options) => run(file, options, config));
}

type Run = {
  readonly own: OwnCommunity;
  readonly options: Options;
  readonly config: Config;
  readonly roles: ReadonlySet<Role>;
  readonly passphrase: string;
  readonly signal: AbortSignal;
  readonly stop: () => void;
  readonly opened: (() => Promise<void>)[];
};

async function run(file: string, options: Options, config: Config): Promise<void> {
  const own = readOwnCommunity(file, config);
  const roles = new Set(options.role ?? ROLES);
  const passphrase = await passphraseOf({ file: options.passphraseFile, environment: config.passphrase });
  const stopper = new AbortController();
  const stop = () => stopper.abort();
  const opened: (() => Promise<void>)[] = [];
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    await runRoles({ own, options, config, roles, passphrase, signal: stopper.signal, stop, opened });
  } catch (error) {
    if (!(error instanceof ClockStoppedError)) throw error;
  } finally {
    stop();
    for (const close of opened.reverse()) await close();
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
  }
}

async function runRoles(run: Run): Promise<void> {
  const { own, roles, signal, stop, opened } = run;
  const say = (sentence: string) => process.stdout.write(`${sentence}\n`);
  const chain = await openOwnChain(placed(run), say);
  opened.push(() => chain.stop());
  chain.chain.onExit(stop);
  if (roles.has("chain") && own.file.network.rpcUrl === "embedded") {
    const retract = announceRunning(own.folder, chain.chain.rpcUrl);
    opened.push(async () => retract());
    say(`the chain answers at ${chain.chain.rpcUrl}`);
  }
  const clock = await ownClock(chain, signal);
  const working: Promise<void>[] = [];
  const api = roles.has("operator") ? await startOperator(run, chain, clock, working) : apiOf(run);
  if (roles.has("participant")) {
    const { passphrase } = run;
    working.push(runParticipants({ own, founded: requireFounded(own), passphrase, clock, api, say }));
  }
  if (working.length === 0) working.push(untilStopped(signal));
  await Promise.all(working.map((work) => work.finally(stop)));
}

/** Without the role of the chain, an embedded one is another process's, which answers at the file's port. */
function placed({ own, options, roles }: Run): OwnCommunity {
  const { network } = own.file;
  const isElsewhere = network.rpcUrl === "embedded" && !roles.has("chain");
  if (!isElsewhere && options.rpc === undefined) return own;
  if (isElsewhere && options.rpc === undefined && network.port === 0)
    throw new UsageError("give --rpc: the file names no port of the chain that another process runs");
  const rpcUrl = options.rpc ?? `http://127.0.0.1:${network.port}`;
  return { ...own, file: { ...own.file, network: { ...network, rpcUrl, gasPriceWei: gasOf(own) } } };
}

/** An embedded chain takes nothing for gas, wherever it runs. */
function gasOf({ file: { network } }: OwnCommunity): number | undefined {
  return network.rpcUrl === "embedded" ? 0 : network.gasPriceWei;
}

function apiOf({ own, options }: Run): string {
  const { url, port } = own.file.api;
  const address = options.api ?? url ?? `http://127.0.0.1:${port}`;
  return address.replace(/\/$/, "");
}

/** Opens database, market and API, and lets what is owed be done; gives the API's address. */
async function startOperator(
  { own, options, config, passphrase, signal, opened }: Run,
  chain: OwnChain,
  clock: MarketClock,
  working: Promise<void>[],
): Promise<string> {
  const founded = requireFounded(own);
  const say = (sentence: string) => process.stdout.write(`${sentence}\n`);
  const node = await openOperatorNode({ own, founded, passphrase, chain, opened, onNotice: say });
  signal.addEventListener("abort", () => node.senders.stop(), { once: true });
  const report = createLiveReport(process.stdout, [node.scenario]);
  const port = options.port ?? own.file.api.port;
  const community = { nodes: [node], options: { speed: 1, port }, config, signal, report, opened };
  const records = await openRecords(community);
  const market = await openOwnMarket(community, records, clock);
  const address = await openPage(community, { ...records, ...market });
  report.open({ address, rpcUrl: chain.chain.rpcUrl, areas: market.areas });
  working.push(runFrom(community, { ...records, ...market }));
  return address;
}

function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    // A process that only serves has nothing of its own that keeps it.
    const alive = setInterval(() => undefined, 60_000);
    signal.addEventListener(
      "abort",
      () => {
        clearInterval(alive);
        resolve();
      },
      { once: true },
    );
  });
}
