import { readFileSync, writeFileSync } from "node:fs";
import { basename, extname } from "node:path";
import type { Command } from "commander";
import { alignColumns } from "./alignColumns.ts";
import { drawComparison } from "./comparePicture.ts";
import {
  changedRules,
  type Figure,
  figuresOf,
  type NamedRun,
  otherDifferences,
  parseRuns,
  RunFileError,
} from "./compareRuns.ts";
import { UsageError } from "./exit.ts";

type Options = { readonly json?: boolean; readonly picture?: string };

const EXAMPLES = `
Example:
  for p in uniform midpoint marginal; do
    commonwatt simulate --scenario scenarios/riverside --no-chain --pricing $p --json > $p.json
  done
  commonwatt compare uniform.json midpoint.json marginal.json --picture pricing.svg
`;

/** `commonwatt compare`: the figures of several runs side by side, and as a picture. */
export function registerCompare(program: Command): void {
  program
    .command("compare")
    .description("compare runs of `commonwatt simulate --json`")
    .argument("<run...>", "JSON files of two runs or more")
    .option("--picture <file>", "bars of each figure, into a file that ends with .svg")
    .option("--json", "one JSON value on standard output")
    .addHelpText("after", EXAMPLES)
    .action(compare);
}

function compare(files: readonly string[], { json, picture }: Options): void {
  if (picture !== undefined && extname(picture).toLowerCase() !== ".svg")
    throw new UsageError(`--picture ${picture} does not end with .svg`);
  const runs = files.flatMap((file) => parseRuns(readRun(file), file, basename(file, extname(file))));
  if (runs.length < 2) throw new UsageError("a comparison takes two runs or more");
  const compared = runs.map((run) => ({ ...run, figures: figuresOf(run) }));
  const others = otherDifferences(runs);
  if (others.length > 0)
    process.stderr.write(`the runs differ in more than their rules: ${others.join(", ")}\n`);
  process.stdout.write(json ? jsonOf(compared) : `${tableOf(compared)}\n`);
  if (picture !== undefined) writeFileSync(picture, drawComparison(compared));
}

function readRun(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new RunFileError(file, "it can't be read", { cause });
  }
}

type RunWithFigures = NamedRun & { readonly figures: readonly Figure[] };

/** A row a figure, a column a run; above them the rules that differ. */
function tableOf(runs: readonly RunWithFigures[]): string {
  const heading = ["", "", ...runs.map(({ name }) => name)];
  const rules = changedRules(runs).map((rule) => [
    rule,
    "",
    ...runs.map(({ rules: own }) => String(own[rule] ?? "")),
  ]);
  const all = runs.map(({ figures: own }) => own);
  const figures = (all[0] ?? []).map(({ label }, i) => [
    label,
    unitOf(all.map((own) => own[i]?.unit ?? "")),
    ...all.map((own) => own[i]?.text ?? ""),
  ]);
  return alignColumns([heading, ...rules, ...figures], `ll${"r".repeat(runs.length)}`);
}

/** The unit of all columns; where they differ each one's, in the order of the columns. */
function unitOf(units: readonly string[]): string {
  return [...new Set(units)].join(" / ");
}

function jsonOf(runs: readonly RunWithFigures[]): string {
  const value = runs.map((run) => ({
    name: run.name,
    scenario: run.scenario,
    currency: run.currency,
    rules: run.rules,
    figures: run.figures.map(({ label, unit, value: of }) => ({ label, unit, value: of })),
  }));
  return `${JSON.stringify({ runs: value, changedRules: changedRules(runs) }, null, 2)}\n`;
}
