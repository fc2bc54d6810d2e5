import type { CommunityBill, ParticipantBill } from "#world/simulation/runBills.ts";
import type { RunResult } from "./run.ts";

const SHARE_DECIMALS = 6;

/** Decimal strings of a record of integers, for JSON. */
type Decimals<T> = { readonly [Key in keyof T]: T[Key] extends bigint ? string : T[Key] };

/**
 * A run as one JSON value, without what only its command knows (chain, wall time). Homes by id; energy and money as
 * decimal strings, share and peak power as numbers.
 */
export type ResultJson = {
  readonly scenario: string;
  readonly seed: number;
  readonly intervals: { readonly total: number; readonly settled: number; readonly failed: number };
  readonly participants: Readonly<Record<string, Decimals<ParticipantBill>>>;
  readonly community: Decimals<CommunityBill>;
};

export function resultToJson({ scenario, intervals, bills }: RunResult): ResultJson {
  const community = bills.community();
  return {
    scenario: scenario.name,
    seed: scenario.seed,
    intervals: { total: intervals, settled: bills.settledIntervals(), failed: bills.failedIntervals() },
    participants: Object.fromEntries(
      scenario.homes.map(({ id, member }) => [id, toDecimals(bills.participant(member))]),
    ),
    community: {
      ...toDecimals(community),
      localShare: Number(community.localShare.toFixed(SHARE_DECIMALS)),
    },
  };
}

function toDecimals<T extends object>(sums: T): Decimals<T> {
  return Object.fromEntries(
    Object.entries(sums).map(([key, value]) => [key, typeof value === "bigint" ? value.toString() : value]),
  ) as Decimals<T>;
}
