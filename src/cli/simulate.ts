import { join } from "node:path";
import type { Command } from "commander";
import { archivesOf } from "#community/archives.ts";
import { type CommunityNode, openCommunityNode, startRoles } from "#community/communityNode.ts";
import { runIntervals } from "#community/communityRun.ts";
import { loadScenario } from "#community/loadScenario.ts";
import { networkFolder, removeNetwork } from "#community/workspace.ts";
import type { Config } from "#config.ts";
import { readMargin } from "#domains/accounts/participants.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { resultToJson } from "#world/simulation/resultJson.ts";
import { type RunResult, runInMemory } from "#world/simulation/run.ts";
import { createBills } from "#world/simulation/runBills.ts";
import { intervalIdAt, type Scenario } from "#world/simulation/scenario.ts";
import { UsageError } from "./exit.ts";
import { createProgress, type Progress } from "./progress.ts";
import { printBills } from "./simulateTable.ts";

type Options = {
  readonly scenario: string;
  readonly data?: string;
  readonly days?: number;
  readonly from?: string;
  readonly seed?: number;
  readonly timeZone?: string;
  readonly chain: boolean;
  readonly json?: boolean;
};

/** What a run took on the chain; null for a run in memory. */
type ChainSummary = {
  readonly transactions: number;
  readonly trades: number;
  readonly gas: string;
  readonly gasPerTrade: number;
} | null;

/** `commonwatt simulate`: a scenario through all roles on a chain of its own, or the same in memory. */
export function registerSimulate(program: Command, config: Config): void {
  program
    .command("simulate")
    .description("run a scenario's community, on a chain of its own or in memory")
    .requiredOption("--scenario <folder>", "folder with a scenario.yaml")
    .option("--data <folder>", "recordings, CSV, for a scenario of recorded homes")
    .option("--days <number>", "days to run", positiveNumber)
    .option("--from <date>", "local date or time to begin with, such as 2021-02-20")
    .option("--seed <number>", "seed instead of the scenario's", wholeNumber)
    .option("--time-zone <zone>", "IANA zone of local times instead of the scenario's")
    .option("--no-chain", "in memory, with the same energy and money")
    .option("--json", "one JSON value on standard output")
    .action((options: Options) => simulate(options, config));
}

async function simulate(options: Options, config: Config): Promise<void> {
  const began = performance.now();
  const progress = createProgress(process.stderr);
  const { days, from, seed, timeZone } = options;
  const overrides = {
    ...(days !== undefined && { days }),
    ...(from !== undefined && { from }),
    ...(seed !== undefined && { seed }),
    ...(timeZone !== undefined && { timeZone }),
  };
  const { scenario, lines } = await loadScenario({
    folder: options.scenario,
    dataFolder: options.data,
    overrides,
  });
  for (const line of lines) progress.say(line);
  const { result, chain } = options.chain
    ? await runOnChain({ scenario, options, config, progress })
    : { result: runWithProgress(scenario, progress), chain: null };
  progress.end();
  const wallSeconds = Number(((performance.now() - began) / 1_000).toFixed(3));
  if (options.json)
    process.stdout.write(`${JSON.stringify({ ...resultToJson(result), chain, wallSeconds }, null, 2)}\n`);
  else process.stdout.write(printBills(result, { chain, wallSeconds }));
}

function runWithProgress(scenario: Scenario, progress: Progress): RunResult {
  return runInMemory(scenario, {
    onInterval: (_, index) => progress.count("intervals", index + 1, scenario.intervals),
  });
}

/** Each run begins with a new chain; the one that an earlier run of the scenario left is removed, and said so. */
async function runOnChain({
  scenario,
  options,
  config,
  progress,
}: {
  scenario: Scenario;
  options: Options;
  config: Config;
  progress: Progress;
}): Promise<{ result: RunResult; chain: ChainSummary }> {
  const name = `simulate-${scenario.name}`;
  const workspace = config.directory;
  progress.say(`a chain of its own in ${networkFolder(workspace, name)}`);
  removeNetwork(workspace, name);
  const node = await openCommunityNode({
    workspace,
    name,
    scenario,
    scenarioFolder: options.scenario,
    onProgress: progress.say,
  });
  try {
    return await runCommunity(node, scenario, progress);
  } finally {
    await node.stop();
  }
}

async function runCommunity(
  node: CommunityNode,
  scenario: Scenario,
  progress: Progress,
): Promise<{ result: RunResult; chain: ChainSummary }> {
  const { areaId } = node.founded;
  const place = { intervalSecondsOf: () => scenario.intervalSeconds };
  const readings = openReadingArchive({ directory: join(node.folder, "readings"), ...place });
  const orders = openOrderArchive({ directory: join(node.folder, "orders"), ...place });
  const roles = await startRoles(node, { scenario, archives: archivesOf({ readings, orders, areaId }) });
  const bills = createBills(scenario);
  const before = await margins(node, scenario);
  const sums = { transactions: 0, trades: 0, gas: 0n };
  const owed = new Map<number, bigint>();
  const intervalIds = Array.from({ length: scenario.intervals }, (_, index) => intervalIdAt(scenario, index));
  let done = 0;
  for await (const report of runIntervals(roles, intervalIds)) {
    done += 1;
    progress.count("intervals", done, scenario.intervals);
    if (report.status === "failed") {
      progress.say(`interval ${report.intervalId} failed: ${String(report.cause)}`);
      bills.recordFailed(report);
      continue;
    }
    bills.record(report.settled.outcome);
    for (const [account, { netMicro }] of report.settled.outcome.settlements)
      owed.set(account, (owed.get(account) ?? 0n) + netMicro);
    sums.transactions += report.settled.transactions;
    sums.trades += report.settled.trades;
    sums.gas += report.settled.gasUsed;
  }
  if (bills.failedIntervals() === 0) await requireSameMoney({ node, scenario, owed, before });
  return {
    result: { scenario, intervals: scenario.intervals, bills },
    chain: {
      transactions: sums.transactions,
      trades: sums.trades,
      gas: sums.gas.toString(),
      gasPerTrade: sums.trades > 0 ? Math.round(Number(sums.gas) / sums.trades) : 0,
    },
  };
}

function margins(node: CommunityNode, scenario: Scenario): Promise<bigint[]> {
  const { network, founded } = node;
  return Promise.all(
    scenario.homes.map(({ account }) =>
      readMargin(network, founded.deployment, { market: "poolMarket", account }),
    ),
  );
}

/** What the contract paid must be what the settlements say, to the micro, for every home. */
async function requireSameMoney({
  node,
  scenario,
  owed,
  before,
}: {
  node: CommunityNode;
  scenario: Scenario;
  owed: ReadonlyMap<number, bigint>;
  before: readonly bigint[];
}): Promise<void> {
  const after = await margins(node, scenario);
  scenario.homes.forEach(({ id, account }, i) => {
    const paidMicro = (before[i] ?? 0n) - (after[i] ?? 0n);
    const billedMicro = owed.get(account) ?? 0n;
    if (paidMicro !== billedMicro) throw new MoneyDiffersError(id, paidMicro, billedMicro);
  });
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 36_600)) throw new UsageError(`--days ${text} is not a number of days above 0`);
  return value;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new UsageError(`--seed ${text} is not a whole number from 0 on`);
  return value;
}

export class MoneyDiffersError extends DomainError {
  readonly code = "moneyDiffers";

  constructor(home: string, paidMicro: bigint, billedMicro: bigint) {
    super(`${home} paid ${paidMicro} micro on the chain, but its bills say ${billedMicro} micro`);
  }
}
