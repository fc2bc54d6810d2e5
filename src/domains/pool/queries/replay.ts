import { and, asc, eq, gte, inArray } from "drizzle-orm";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import { PAID_STAGES, type Stage } from "#domains/pool/rules/stage.ts";
import { allPositions, intervals } from "#domains/pool/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { COUNT } from "#platform/store/queries/sums.ts";
import { isBetweenIntervals } from "#platform/store/sealed/restrict.ts";
import { tableColumns } from "#platform/store/sealed/sealedTable.ts";

/** What the chain knows of an interval, for the one who goes on after a restart. */
export type PastInterval = {
  readonly intervalId: number;
  readonly stage: Stage;
  readonly attempt: number;
  readonly localPriceMicroPerKwh: number;
  readonly clearedWh: bigint;
  readonly welfareMicro: bigint;
  readonly trades: number;
  readonly isPublished: boolean;
  /** Of its last clearing, as far as it is: by rising member. */
  readonly positions: readonly MemberPosition[];
};

/** Intervals that the chain knows from `firstIntervalId` on, in order, one page of them. */
export async function listPastIntervals(
  db: Queryable,
  { areaId, firstIntervalId, limit }: { areaId: number; firstIntervalId: number; limit: number },
): Promise<PastInterval[]> {
  const rows = await db
    .select()
    .from(intervals)
    .where(and(eq(intervals.areaId, areaId), gte(intervals.intervalId, firstIntervalId)))
    .orderBy(asc(intervals.intervalId))
    .limit(limit);
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return [];
  const held = await db
    .select(tableColumns(allPositions))
    .from(allPositions)
    .where(
      and(
        eq(allPositions.areaId, areaId),
        isBetweenIntervals(allPositions, { first: first.intervalId, last: last.intervalId }),
      ),
    )
    .orderBy(asc(allPositions.intervalId), asc(allPositions.member));
  const byInterval = new Map<number, typeof held>();
  for (const position of held)
    byInterval.set(position.intervalId, [...(byInterval.get(position.intervalId) ?? []), position]);
  return rows.map((row) => ({
    intervalId: row.intervalId,
    stage: row.stage,
    attempt: row.attempt,
    localPriceMicroPerKwh: Number(row.localPriceMicroPerKwh ?? 0n),
    clearedWh: row.clearedWh,
    welfareMicro: row.welfareMicro ?? 0n,
    trades: row.trades,
    isPublished: row.readingsRoot !== null,
    positions: (byInterval.get(row.intervalId) ?? [])
      .filter(({ attempt }) => attempt === row.attempt)
      .map(({ member, side, boughtWh, soldWh, exactPayment }) => ({
        member,
        side,
        boughtWh,
        soldWh,
        exactPayment,
      })),
  }));
}

/** Intervals of an area of which nothing is left to be paid. */
export async function countPaidIntervals(db: Queryable, areaId: number): Promise<number> {
  const [row] = await db
    .select({ intervals: COUNT })
    .from(intervals)
    .where(and(eq(intervals.areaId, areaId), inArray(intervals.stage, [...PAID_STAGES])));
  return row?.intervals ?? 0;
}
