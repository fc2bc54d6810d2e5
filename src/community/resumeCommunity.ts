import { settlementPrices } from "#domains/pool/rules/area.ts";
import { mergePositions } from "#domains/pool/rules/mergePositions.ts";
import type { AccountPosition } from "#domains/pool/rules/positionWord.ts";
import { settleAll } from "#domains/pool/rules/settlement.ts";
import { endsAt, type IntervalId } from "#kernel/units/interval.ts";
import type { Bills } from "#world/simulation/runBills.ts";
import { intervalIdAt } from "#world/simulation/scenario.ts";
import { type ClearedInterval, type CommunityRoles, marketFrom } from "./communityRun.ts";

/**
 * How an interval stands: `open` is cleared and not settled in full, `interrupted` has a clearing without its last steps
 * or is given back in part.
 */
export type RecordedStatus = "open" | "interrupted" | "settled" | "voided";

/** What the record says of an interval that was cleared before. */
export type RecordedInterval = {
  readonly intervalId: IntervalId;
  readonly status: RecordedStatus;
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
 * that passed without a market while nobody ran it count as failed. A clearing that was interrupted between its steps
 * goes on, or is given back when its delivery is over, which `onNotice` is told of (docs/decisions/009).
 */
export async function resumeCommunity(
  roles: CommunityRoles,
  {
    record,
    bills,
    onNotice,
  }: {
    record: AsyncIterable<RecordedInterval>;
    bills: Bills;
    onNotice: (sentence: string) => void;
  },
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
    const interval = await takeUp(roles, past, onNotice);
    if (interval) unfinished.push(interval);
    else relive(roles, past, bills);
  }
  if (unfinished.length === 0) missUntil(firstOpenInterval(clock.now(), nextIntervalId, roles));
  return { nextIntervalId, unfinished };
}

/** The interval as far as it is cleared, to be finished; null when nothing of it is to come. */
async function takeUp(
  roles: CommunityRoles,
  past: RecordedInterval,
  onNotice: (sentence: string) => void,
): Promise<ClearedInterval | null> {
  const { intervalId, status } = past;
  if (status === "open") return { intervalId, market: { ...past, ...NOTHING_SPENT } };
  if (status !== "interrupted") return null;
  const isOver = endsAt(intervalId, roles.scenario.intervalSeconds) <= roles.clock.now();
  if (!isOver) return { intervalId, market: await marketFrom(roles.operator.goOn(intervalId)) };
  onNotice(await giveBack(roles, intervalId));
  return null;
}

/** Gives back what an interrupted clearing reserved, and says so in one sentence. */
async function giveBack({ operator }: CommunityRoles, intervalId: IntervalId): Promise<string> {
  const clearing = `the clearing of interval ${intervalId} was interrupted`;
  try {
    await operator.giveBack(intervalId);
    return `${clearing}; what it reserved is given back`;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return `${clearing}, and what it reserved could not be given back: ${why}`;
  }
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
  if (past.status !== "settled") {
    bills.recordFailed({ intervalId, readings });
    return;
  }
  const prices = settlementPrices(scenario.terms, BigInt(past.localPriceMicroPerKwh));
  const settlements = settleAll(positions, readings, prices);
  bills.record({ intervalId, readings, positions, settlements, clearedWh, welfareMicro });
}
