import type { AreaTerms } from "#domains/pool/rules/area.ts";
import type { CommunityBill, ParticipantBill } from "#world/simulation/runBills.ts";
import type { RunResult } from "./run.ts";

const SHARE_DECIMALS = 6;
const MILLIS_PER_SECOND = 1_000;

/** Decimal strings of a record of integers, for JSON. */
type Decimals<T> = { readonly [Key in keyof T]: T[Key] extends bigint ? string : T[Key] };

/**
 * A run as one JSON value, without what only its command knows (chain, wall time). Homes by id; energy and money as
 * decimal strings, share and peak power as numbers.
 */
export type ResultJson = {
  readonly scenario: string;
  readonly title: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly seed: number;
  /** First second of the run, in UTC. */
  readonly startsAt: string;
  readonly rules: Decimals<AreaTerms>;
  readonly intervals: { readonly total: number; readonly settled: number; readonly failed: number };
  readonly participants: Readonly<Record<string, Decimals<ParticipantBill>>>;
  readonly community: CommunityJson;
};

/** Peaks with the time of their interval's start, in UTC, null where there was none. */
type CommunityJson = Decimals<Omit<CommunityBill, "peakImportStartsAt" | "peakExportStartsAt">> & {
  readonly peakImportAt: string | null;
  readonly peakExportAt: string | null;
};

export function resultToJson({ scenario, intervals, bills }: RunResult): ResultJson {
  const { peakImportStartsAt, peakExportStartsAt, ...community } = bills.community();
  return {
    scenario: scenario.name,
    title: scenario.title,
    currency: scenario.currency,
    timeZone: scenario.timeZone,
    seed: scenario.seed,
    startsAt: isoTime(scenario.startsAt),
    rules: toDecimals(scenario.terms),
    intervals: { total: intervals, settled: bills.settledIntervals(), failed: bills.failedIntervals() },
    participants: Object.fromEntries(
      scenario.homes.map(({ id, member }) => [id, toDecimals(bills.participant(member))]),
    ),
    community: {
      ...toDecimals(community),
      localShare: Number(community.localShare.toFixed(SHARE_DECIMALS)),
      peakImportAt: timeOrNull(peakImportStartsAt),
      peakExportAt: timeOrNull(peakExportStartsAt),
    },
  };
}

function timeOrNull(unixSeconds: number | null): string | null {
  return unixSeconds === null ? null : isoTime(unixSeconds);
}

function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * MILLIS_PER_SECOND).toISOString();
}

function toDecimals<T extends object>(sums: T): Decimals<T> {
  return Object.fromEntries(
    Object.entries(sums).map(([key, value]) => [key, typeof value === "bigint" ? value.toString() : value]),
  ) as Decimals<T>;
}
