import { join } from "node:path";
import type { Command } from "commander";
import { isPool } from "#community/areaScenario.ts";
import { openClock, type PoolNode } from "#community/communityNode.ts";
import type { Config } from "#community/config.ts";
import { loadCommunities } from "#community/loadScenario.ts";
import { openCommunities } from "#community/openCommunities.ts";
import { archivesOf } from "#community/pool/archives.ts";
import { type AreaRun, runIntervals } from "#community/pool/runIntervals.ts";
import { startRoles } from "#community/pool/startRoles.ts";
import { firstOf } from "#community/runningCommunities.ts";
import { networkFolder, removeNetwork } from "#community/workspace.ts";
import { readMargins } from "#domains/accounts/participants.ts";
import { openReadingArchive } from "#domains/metering/readingArchive.ts";
import { openOrderArchive } from "#domains/pool/orderArchive.ts";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { resultToJson } from "#world/simulation/resultJson.ts";
import { type RunResult, runInMemory } from "#world/simulation/run.ts";
import { type Bills, createBills } from "#world/simulation/runBills.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { UsageError } from "./exit.ts";
import { intervalsFormat, writeIntervals } from "./intervalsFile.ts";
import { wholeNumber } from "./optionValues.ts";
import { createProgress, type Progress } from "./progress.ts";
import { addRuleFlags, rulesOf } from "./ruleFlags.ts";
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
  readonly intervals?: string;
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
  addRuleFlags(program.command("simulate"))
    .description("run a scenario's community, on a chain of its own or in memory")
    .requiredOption("--scenario <folder>", "folder with a scenario.yaml")
    .option("--data <folder>", "recordings, CSV, for a scenario of recorded homes")
    .option("--days <number>", "days to run", positiveNumber)
    .option("--from <date>", "local date or time to begin with, such as 2021-02-20")
    .option("--seed <number>", "seed instead of the scenario's", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option("--time-zone <zone>", "IANA zone of local times instead of the scenario's")
    .option("--no-chain", "in memory, with the same energy and money")
    .option("--json", "one JSON value on standard output, for `commonwatt compare` too")
    .option("--intervals <file>", "what each interval came to, into a file that ends with .csv or .json")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => simulate(options, config));
}

const EXAMPLES = `
Examples:
  commonwatt simulate --scenario scenarios/riverside --days 7 --no-chain
  commonwatt simulate --scenario scenarios/riverside --days 7 --no-chain --pricing midpoint --json > midpoint.json
`;

const NO_POOL = "simulate runs communities of homes; commonwatt up runs those of every kind";

async function simulate(options: Options, config: Config): Promise<void> {
  const began = performance.now();
  if (options.intervals !== undefined) intervalsFormat(options.intervals);
  const progress = createProgress(process.stderr);
  const { days, from, seed, timeZone } = options;
  const overrides = {
    ...(days !== undefined && { days }),
    ...(from !== undefined && { from }),
    ...(seed !== undefined && { seed }),
    ...(timeZone !== undefined && { timeZone }),
  };
  const {
    scenarios: all,
    name,
    lines,
  } = await loadCommunities({
    folder: options.scenario,
    dataFolder: options.data,
    overrides,
    rules: rulesOf(options),
  });
  const scenarios = all.filter(isPool);
  if (scenarios.length < all.length) throw new UsageError(NO_POOL);
  for (const line of lines) progress.say(line);
  const { results, chain } = options.chain
    ? await runOnChain({ scenarios, name, options, config, progress })
    : { results: scenarios.map((scenario) => runWithProgress(scenario, progress)), chain: null };
  progress.end();
  const wallSeconds = Number(((performance.now() - began) / 1_000).toFixed(3));
  process.stdout.write(
    options.json ? json(results, { chain, wallSeconds }) : table(results, { chain, wallSeconds }),
  );
  if (options.intervals !== undefined) await writeIntervals(options.intervals, results);
  if (results.every(({ bills }) => bills.settledIntervals() === 0)) throw new NothingSettledError();
}

type Ending = { readonly chain: ChainSummary; readonly wallSeconds: number };

/** A community as it is; several under `communities`, in the order of the scenario. */
function json(results: readonly RunResult[], ending: Ending): string {
  const [result, ...others] = results.map(resultToJson);
  const said = others.length === 0 ? { ...result } : { communities: [result, ...others] };
  return `${JSON.stringify({ ...said, ...ending }, null, 2)}\n`;
}

function table(results: readonly RunResult[], ending: Ending): string {
  return results.map((result) => printBills(result, ending)).join("\n");
}

function runWithProgress(scenario: Scenario, progress: Progress): RunResult {
  return runInMemory(scenario, {
    onInterval: (_, index) => progress.count("intervals", index + 1, scenario.intervals),
  });
}

/** Each run begins with a new chain; the one that an earlier run of the scenario left is removed, and said so. */
async function runOnChain({
  scenarios,
  name: scenarioName,
  options,
  config,
  progress,
}: {
  scenarios: readonly Scenario[];
  name: string;
  options: Options;
  config: Config;
  progress: Progress;
}): Promise<{ results: RunResult[]; chain: ChainSummary }> {
  const name = `simulate-${scenarioName}`;
  const workspace = config.directory;
  progress.say(`a chain of its own in ${networkFolder(workspace, name)}`);
  removeNetwork(workspace, name);
  const nodes = await openCommunities({
    workspace,
    name,
    scenarios,
    scenarioFolder: options.scenario,
    onProgress: progress.say,
  });
  try {
    return await runCommunities(nodes, progress);
  } finally {
    await firstOf(nodes).stop();
  }
}

async function runCommunities(
  nodes: readonly PoolNode[],
  progress: Progress,
): Promise<{ results: RunResult[]; chain: ChainSummary }> {
  const runs = await startRuns(nodes);
  const sums = { transactions: 0, trades: 0, gas: 0n };
  const total = nodes.reduce((sum, { scenario }) => sum + scenario.intervals, 0);
  let done = 0;
  for await (const report of runIntervals(runs)) {
    done += 1;
    progress.count("intervals", done, total);
    const run = present(
      runs.find(({ roles }) => roles.areaId === report.areaId),
      "the run of an area",
    );
    if (report.status === "failed") {
      progress.say(`interval ${report.intervalId} failed: ${String(report.cause)}`);
      run.bills.recordFailed(report);
      continue;
    }
    run.bills.record(report.settled.outcome);
    for (const [member, { netMicro }] of report.settled.outcome.settlements)
      run.owed.set(member, (run.owed.get(member) ?? 0n) + netMicro);
    sums.transactions += report.settled.transactions;
    sums.trades += report.settled.trades;
    sums.gas += report.settled.gasUsed;
  }
  for (const run of runs) if (run.bills.failedIntervals() === 0) await requireSameMoney(run);
  return {
    results: runs.map(({ node: { scenario }, bills }) => ({
      scenario,
      intervals: scenario.intervals,
      bills,
    })),
    chain: {
      transactions: sums.transactions,
      trades: sums.trades,
      gas: sums.gas.toString(),
      gasPerTrade: sums.trades > 0 ? Math.round(Number(sums.gas) / sums.trades) : 0,
    },
  };
}

/** An area that runs, with its bills, what its members owe by them, and their margins before. */
type Run = AreaRun & {
  readonly node: PoolNode;
  readonly bills: Bills;
  readonly owed: Map<number, bigint>;
  readonly before: ReadonlyMap<number, bigint>;
};

async function startRuns(nodes: readonly PoolNode[]): Promise<Run[]> {
  const { folder } = firstOf(nodes);
  const lengths = new Map(nodes.map(({ founded, scenario }) => [founded.areaId, scenario.intervalSeconds]));
  const intervalSecondsOf = (areaId: number) => present(lengths.get(areaId), "the intervals of an area");
  const readings = openReadingArchive({ directory: join(folder, "readings"), intervalSecondsOf });
  const orders = openOrderArchive({ directory: join(folder, "orders"), intervalSecondsOf });
  const clock = await openClock(firstOf(nodes));
  const runs: Run[] = [];
  for (const node of nodes) {
    const { scenario, founded } = node;
    const archives = archivesOf({ readings, orders, areaId: founded.areaId });
    runs.push({
      node,
      roles: await startRoles(node, { archives, clock }),
      start: { nextIntervalId: scenario.firstIntervalId, unfinished: [] },
      end: scenario.firstIntervalId + scenario.intervals,
      bills: createBills(scenario),
      owed: new Map(),
      before: await margins(node),
    });
  }
  return runs;
}

function margins({ network, founded, scenario }: PoolNode): Promise<ReadonlyMap<number, bigint>> {
  const members = scenario.homes.map(({ member }) => member);
  return readMargins(network, founded.deployment, { market: "poolMarket", areaId: founded.areaId, members });
}

/** What the contract paid must be what the settlements say, to the micro, for every home. */
async function requireSameMoney({ node, owed, before }: Run): Promise<void> {
  const after = await margins(node);
  for (const { id, member } of node.scenario.homes) {
    const paidMicro = (before.get(member) ?? 0n) - (after.get(member) ?? 0n);
    const billedMicro = owed.get(member) ?? 0n;
    if (paidMicro !== billedMicro) throw new MoneyDiffersError(id, paidMicro, billedMicro);
  }
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 36_600)) throw new UsageError(`--days ${text} is not a number of days above 0`);
  return value;
}

export class NothingSettledError extends DomainError {
  readonly code = "nothingSettled";

  constructor() {
    super("no interval was settled");
  }
}

export class MoneyDiffersError extends DomainError {
  readonly code = "moneyDiffers";

  constructor(home: string, paidMicro: bigint, billedMicro: bigint) {
    super(`${home} paid ${paidMicro} micro on the chain, but its bills say ${billedMicro} micro`);
  }
}
