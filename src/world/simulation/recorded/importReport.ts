import type { Question } from "#world/meterFiles/question.ts";
import type { Fact, RefusedRow } from "#world/meterFiles/recording.ts";

/** What a file turned out to be. */
export type FileKind = "home" | "pvProfile" | "pvOfHome" | "vehicle" | "prices";

/** A file that was read. Counts are of values on the file's own grid. */
export type ReadFile = {
  readonly file: string;
  readonly kind: FileKind;
  readonly rows: number;
  readonly stepSeconds: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly estimated: number;
  readonly substituted: number;
  readonly refused: readonly RefusedRow[];
  readonly facts: readonly Fact[];
  readonly warnings: readonly string[];
};

/** A file that can't be used, why, and what would settle it. */
export type RefusedFile = {
  readonly file: string;
  readonly reason: string;
  readonly questions?: readonly Question[];
};

/** What became of a folder of recordings. */
export type ImportReport = {
  readonly read: readonly ReadFile[];
  readonly refusedFiles: readonly RefusedFile[];
  readonly homes: number;
  readonly startsAt: number;
  readonly intervals: number;
  readonly intervalSeconds: number;
  readonly notes: readonly string[];
};

/** Refused rows that are written out for a file; the rest is counted. */
const MAX_WRITTEN_ROWS = 5;

const MILLIS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
const KIND_WORDS: Readonly<Record<FileKind, string>> = {
  home: "home",
  pvProfile: "PV profile",
  pvOfHome: "PV of a home",
  vehicle: "vehicle",
  prices: "prices",
};

/** The report as lines for people. */
export function describeImport(report: ImportReport): readonly string[] {
  const end = report.startsAt + report.intervals * report.intervalSeconds;
  return [
    ...report.read.flatMap(describeFile),
    ...report.refusedFiles.flatMap(describeRefusal),
    ...report.notes,
    `${report.homes} ${report.homes === 1 ? "home" : "homes"}, ${report.intervals} intervals of ${report.intervalSeconds / SECONDS_PER_MINUTE} min, ${utc(report.startsAt)} to ${utc(end)}`,
  ];
}

function describeFile(read: ReadFile): readonly string[] {
  const {
    file,
    kind,
    rows,
    facts,
    warnings,
    stepSeconds,
    startsAt,
    endsAt,
    estimated,
    substituted,
    refused,
  } = read;
  const filled = estimated + substituted === 0 ? "" : `, ${estimated} estimated, ${substituted} substituted`;
  const bad = refused.length === 0 ? "" : `, ${refused.length} refused`;
  const summary = `${file}: ${KIND_WORDS[kind]}, ${rows} rows of ${stepSeconds / SECONDS_PER_MINUTE} min, ${utc(startsAt)} to ${utc(endsAt)}${filled}${bad}`;
  const written = refused
    .slice(0, MAX_WRITTEN_ROWS)
    .map(({ line, reason }) => `${file}: line ${line}: ${reason}`);
  const left = refused.length - written.length;
  return [
    summary,
    `${file}: ${facts.map(({ what, says, because }) => `${what} ${says} (${because})`).join("; ")}`,
    ...warnings.map((warning) => `${file}: implausible: ${warning}`),
    ...written,
    ...(left > 0 ? [`${file}: and ${left} more`] : []),
  ];
}

/** Mapping lines go into a file beside it, `NAME.mapping.yaml`. */
function describeRefusal({ file, reason, questions = [] }: RefusedFile): readonly string[] {
  return [
    `${file}: refused, ${reason}`,
    ...questions.map(({ answer }) => `${file}: to settle it: ${answer}`),
  ];
}

function utc(unixSeconds: number): string {
  return `${new Date(unixSeconds * MILLIS_PER_SECOND).toISOString().slice(0, 16)}Z`;
}
