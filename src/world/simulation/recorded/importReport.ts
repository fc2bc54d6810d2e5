import type { RefusedRow } from "./recording.ts";

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
};

/** A file that can't be used, and why. */
export type RefusedFile = { readonly file: string; readonly reason: string };

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
    ...report.refusedFiles.map(({ file, reason }) => `${file}: refused, ${reason}`),
    ...report.notes,
    `${report.homes} ${report.homes === 1 ? "home" : "homes"}, ${report.intervals} intervals of ${report.intervalSeconds / SECONDS_PER_MINUTE} min, ${utc(report.startsAt)} to ${utc(end)}`,
  ];
}

function describeFile(read: ReadFile): readonly string[] {
  const { file, kind, rows, stepSeconds, startsAt, endsAt, estimated, substituted, refused } = read;
  const filled = estimated + substituted === 0 ? "" : `, ${estimated} estimated, ${substituted} substituted`;
  const bad = refused.length === 0 ? "" : `, ${refused.length} refused`;
  const summary = `${file}: ${KIND_WORDS[kind]}, ${rows} rows of ${stepSeconds / SECONDS_PER_MINUTE} min, ${utc(startsAt)} to ${utc(endsAt)}${filled}${bad}`;
  const written = refused
    .slice(0, MAX_WRITTEN_ROWS)
    .map(({ line, reason }) => `${file}: line ${line}: ${reason}`);
  const left = refused.length - written.length;
  return left > 0 ? [summary, ...written, `${file}: and ${left} more`] : [summary, ...written];
}

function utc(unixSeconds: number): string {
  return `${new Date(unixSeconds * MILLIS_PER_SECOND).toISOString().slice(0, 16)}Z`;
}
