import type { Command } from "commander";
import { readRecordings } from "#community/loadScenario.ts";
import { drawBaselineHomes, recordedBaselineHomes } from "#world/response/baselineHomes.ts";
import { tryBaselines } from "#world/response/placeboDays.ts";
import { renderBaselines } from "./baselinesTable.ts";
import { seed } from "./optionValues.ts";
import { createProgress } from "./progress.ts";

type Options = {
  readonly data?: string;
  readonly zone: string;
  readonly seed: number;
  readonly json?: true;
};

const EXAMPLES = `
Examples:
  commonwatt baselines
  commonwatt baselines --data your-folder --zone Europe/Vienna --seed 7 --json
The methods, their rules and what the columns mean: docs/baselines.md.
`;

/** `commonwatt baselines`: how wrong each baseline of demand response is, on days without an event (R8.38, AMB-20). */
export function registerBaselines(program: Command): void {
  program
    .command("baselines")
    .description("how wrong the baselines of demand response are, on days without an event")
    .option("--data <folder>", "recordings of homes; without it homes are generated")
    .option("--zone <zone>", "time zone of the recorded homes, which says when a day begins", "Europe/Berlin")
    .option("--seed <number>", "of generated homes and drawn groups", seed, 1)
    .option("--json", "one JSON value on standard output")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .action(showBaselines);
}

async function showBaselines({ data, zone, seed, json }: Options): Promise<void> {
  const homes =
    data === undefined ? drawBaselineHomes(seed) : recordedBaselineHomes(await readRecordings(data), zone);
  const progress = createProgress(process.stderr);
  for (const line of homes.lines) progress.say(line);
  const report = tryBaselines(homes, seed, (done, of) => progress.count("methods", done, of));
  progress.end();
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : renderBaselines(report));
}
