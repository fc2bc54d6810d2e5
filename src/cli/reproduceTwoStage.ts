import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { Command } from "commander";
import { loadLinearSolver } from "#kernel/optimization/linearSolver.ts";
import { seededRandom } from "#kernel/units/random.ts";
import { settleGoldenSlot } from "#world/response/goldenSlot.ts";
import { runTwoStageCase } from "#world/response/runTwoStageCase.ts";
import { reportTwoStage } from "#world/response/twoStageReport.ts";
import { drawPriceHistory, type PriceHistory, readSpotPrices } from "#world/response/upstreamPrices.ts";
import { UsageError } from "./exit.ts";
import { seed } from "./optionValues.ts";
import { createProgress } from "./progress.ts";
import { drawTwoStage } from "./twoStagePicture.ts";
import { renderTwoStage } from "./twoStageTable.ts";

type Options = {
  readonly seed: number;
  readonly data?: string;
  readonly withState?: boolean;
  readonly picture?: string;
  readonly json?: true;
};

const EXAMPLES = `
Examples:
  commonwatt reproduce two-stage-dr
  commonwatt reproduce two-stage-dr --seed 7 --picture figures.svg
  commonwatt reproduce two-stage-dr --data your-folder --json
`;

/** `commonwatt reproduce two-stage-dr`: the two-stage market with prosumers that learn, beside an aggregator (R7.21–R7.23). */
export function registerTwoStage(reproduce: Command): void {
  reproduce
    .command("two-stage-dr")
    .description(
      "prosumers bid, learn and answer to a DR price in two stages, beside an aggregator that knows all",
    )
    .option("--seed <number>", "of prosumers, weather, prices and bidders", seed, 1)
    .option(
      "--data <folder>",
      "recorded upstream prices, JSON of the Australian market; without it they are generated",
    )
    .option("--with-state", "bidders see the hour, their own energy and upstream's price")
    .option("--picture <file>", "the figures, into a file that ends with .svg")
    .option("--json", "print one JSON value instead of tables")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .exitOverride()
    .action(reproduceTwoStage);
}

async function reproduceTwoStage({ seed, data, withState = false, picture, json }: Options): Promise<void> {
  if (picture !== undefined && extname(picture).toLowerCase() !== ".svg")
    throw new UsageError(`--picture ${picture} does not end with .svg`);
  const progress = createProgress(process.stderr);
  const history = data === undefined ? drawPriceHistory(seededRandom(seed)) : recordedPrices(data);
  const solver = await loadLinearSolver();
  const golden = settleGoldenSlot(solver);
  const run = runTwoStageCase({
    seed,
    history,
    solver,
    withState,
    onDay: (done, of) => progress.count("days", done, of),
  });
  progress.end();
  const report = reportTwoStage({ run, golden, history, seed, withState });
  if (picture !== undefined) writeFileSync(picture, drawTwoStage(report));
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : renderTwoStage(report));
}

function recordedPrices(folder: string): PriceHistory {
  const [file, ...others] = jsonFilesOf(folder);
  if (file === undefined || others.length > 0)
    throw new UsageError(
      `--data ${folder} has ${others.length + (file === undefined ? 0 : 1)} JSON files of prices; one is needed`,
    );
  return readSpotPrices(readFileSync(join(folder, file), "utf8"), file);
}

function jsonFilesOf(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.toLowerCase().endsWith(".json"));
  } catch (cause) {
    throw new UsageError(`--data ${folder} can't be read`, { cause });
  }
}
