import { mergePositions } from "#evidence/clearingPlan.ts";
import type { AccountPosition } from "#evidence/positionWord.ts";
import type { Bills } from "#simulation/bills.ts";
import { intervalIdAt } from "#simulation/scenario.ts";
import { endsAt, type IntervalId } from "#units/interval.ts";
import { type ClearedInterval, type CommunityRoles, settleAll } from "./communityRun.ts";

/** What the record says of an interval that was cleared before. */
export type RecordedInterval = {
  readonly intervalId: IntervalId;
  readonly isOpen: boolean;
  readonly isSettled: boolean;
  readonly localPriceMicroPerKwh: number;
  readonly clearedWh: bigint;
  readonly welfareMicro: bigint;
  readonly trades: number;
  readonly steps: readonly (readonly AccountPosition[])[];
};

/** Where a community goes on: the next interval, and those that are cleared and not settled yet. */
export type Resumption = {
  readonly nextIntervalId: IntervalId;
  readonly unfinished: readonly ClearedInterval[];
};

/**
 * Brings a community at its first second to where the record ends: the homes live through each interval again with the
 * positions they had, so that batteries and forecasts are what they were, and the bills grow as they did. Intervals
 * that passed without a market while nobody ran it count as failed.
 */
export async function resumeCommunity(
  roles: CommunityRoles,
  { record, bills }: { record: AsyncIterable<RecordedInterval>; bills: Bills },
): Promise<Resumption> {
  const { scenario, community, clock } = roles;
  const unfinished: ClearedInterval[] = [];
  let nextIntervalId = intervalIdAt(scenario, 0);
  const missUntil = (intervalId: IntervalId) => {
    for (; nextIntervalId < intervalId; nextIntervalId += 1) {
      community.quote(nextIntervalId);
      const readings = community.deliver(nextIntervalId, new Map());
      bills.recordFailed({ intervalId: nextIntervalId, readings });
    }
  };
  for await (const past of record) {
    missUntil(past.intervalId);
    nextIntervalId += 1;
    community.quote(past.intervalId);
    if (past.isOpen) unfinished.push({ intervalId: past.intervalId, market: { ...past, ...NOTHING_SPENT } });
    else relive(roles, past, bills);
  }
  if (unfinished.length === 0) missUntil(firstOpenInterval(clock.now(), nextIntervalId, roles));
  return { nextIntervalId, unfinished };
}

/** What it took was counted before the restart. */
const NOTHING_SPENT = { transactions: 0, gasUsed: 0n, dropped: [] } as const;

/** The first interval from `from` on whose delivery is not over. */
function firstOpenInterval(now: number, from: IntervalId, { scenario }: CommunityRoles): IntervalId {
  let intervalId = from;
  while (endsAt(intervalId, scenario.intervalSeconds) <= now) intervalId += 1;
  return intervalId;
}

function relive({ scenario, community }: CommunityRoles, past: RecordedInterval, bills: Bills): void {
  const { intervalId, clearedWh, welfareMicro } = past;
  const positions = mergePositions(past.steps);
  const readings = community.deliver(intervalId, positions);
  if (!past.isSettled) {
    bills.recordFailed({ intervalId, readings });
    return;
  }
  const settlements = settleAll(scenario, past.localPriceMicroPerKwh, positions, readings);
  bills.record({ intervalId, readings, positions, settlements, clearedWh, welfareMicro });
}
