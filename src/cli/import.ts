import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Command, Option } from "commander";
import { DomainError } from "#kernel/units/domainError.ts";
import { canonicalCsv } from "#world/meterFiles/canonicalCsv.ts";
import { FORMATS, PLAIN_TABLE } from "#world/meterFiles/formats/formats.ts";
import { type Hints, joinHints } from "#world/meterFiles/hints.ts";
import { parseMapping } from "#world/meterFiles/mapping.ts";
import { openFile } from "#world/meterFiles/openFile.ts";
import { type MeterFile, readMeterFile } from "#world/meterFiles/readMeterFile.ts";
import { describeMeterFile, summarise } from "#world/meterFiles/report.ts";
import { UsageError } from "./exit.ts";

type Options = {
  readonly meter?: string;
  readonly as?: string;
  readonly zone?: string;
  readonly mapping?: string;
  readonly connection?: number;
  readonly out?: string;
  readonly json?: true;
};

/** `commonwatt import`: says what it understands of files of meters and prices, and writes what is certain as plain tables. */
export function registerImport(program: Command): void {
  program
    .command("import")
    .description("read files of meters and prices as they are; say what is understood, and ask what is not")
    .argument("<files...>", "files, CSV, XLSX, XML, JSON or telegrams")
    .option("--meter <id>", "the metering point of the file, or which of its several")
    .addOption(
      new Option("--as <format>", "the format, where it is known").choices([
        PLAIN_TABLE,
        ...FORMATS.map(({ name }) => name),
      ]),
    )
    .option("--zone <zone>", "zone of times without an offset: Europe/Vienna, UTC, UTC+1")
    .option("--mapping <file>", "YAML that says what columns, dates and numbers mean")
    .option("--connection <W>", "power that no interval exceeds, W", watts)
    .option("--out <folder>", "write each meter as a CSV file of UTC and Wh, which simulate --data reads")
    .option("--json", "one JSON value on standard output")
    .addHelpText("after", EXAMPLES)
    .action(importFiles);
}

const EXAMPLES = `
Examples:
  commonwatt import netz-noe.xlsx --zone Europe/Vienna
  commonwatt import *.csv --mapping ours.yaml --out readings
What each file says, and the rules: docs/import.md. Exit code 1 when a file is refused; the others are read all the same.
`;

async function importFiles(files: readonly string[], options: Options): Promise<void> {
  const hints = await hintsOf(options);
  const read: MeterFile[] = [];
  for (const file of files) {
    const bytes = await readBytes(file);
    read.push(readMeterFile(await openFile({ file: basename(file), bytes }), hints));
  }
  if (options.out !== undefined) await writeAll(read, options.out);
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ files: read.map(toJson) }, null, 2)}\n`
      : `${read.map((each) => describeMeterFile(each).join("\n")).join("\n\n")}\n`,
  );
  const refused = read.filter(({ status }) => status === "refused").length;
  if (refused > 0) throw new FilesRefusedError(refused, read.length);
}

async function hintsOf({ meter, as: format, zone, mapping, connection }: Options): Promise<Hints> {
  const flags: Hints = { meter, format, zone, connectionW: connection };
  if (mapping === undefined) return flags;
  return joinHints(flags, parseMapping(new TextDecoder().decode(await readBytes(mapping)), mapping));
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new FileNotReadableError(file, { cause });
  }
}

async function writeAll(read: readonly MeterFile[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const each of read) {
    if (each.status === "refused") continue;
    for (const recording of each.recordings) {
      const meter = recording.meter === null ? "" : `_${recording.meter.replace(/[^A-Za-z0-9-]+/g, "_")}`;
      await writeFile(join(folder, `${recording.stem}${meter}.csv`), canonicalCsv(recording));
    }
  }
}

/** What became of a file, without its values. */
function toJson(read: MeterFile) {
  if (read.status === "refused") return read;
  const { status, file, format, recordings, states } = read;
  const meters = recordings.map((recording) => ({
    ...summarise(recording),
    columns: recording.columns.map(({ name, role, quantity, unit }) => ({ name, role, quantity, unit })),
    facts: recording.facts,
    refusedRows: recording.refused,
    warnings: recording.warnings,
  }));
  return { status, file, format, meters, states };
}

function watts(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--connection ${text} is not a number of watts above 0`);
  return value;
}

class FilesRefusedError extends DomainError {
  readonly code = "filesRefused";

  constructor(refused: number, all: number) {
    super(`${refused} of ${all} files ${refused === 1 ? "is" : "are"} refused`);
  }
}

class FileNotReadableError extends DomainError {
  readonly code = "fileNotReadable";

  constructor(file: string, options: ErrorOptions) {
    super(`${file} can't be read`, options);
  }
}
