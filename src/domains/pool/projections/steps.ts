import { and, asc, eq } from "drizzle-orm";
import type { StepCut } from "#domains/pool/rules/clearingPlan.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import { clearingSteps } from "#domains/pool/tables.ts";
import { toJson } from "#platform/store/factsJson.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { type OrderRow, orderRows } from "./orderRows.ts";
import type { PoolProjection } from "./poolProjection.ts";
import type { AreaRow } from "./terms.ts";

/** Writes a step down, and gives the rows of the orders that its transaction brought. */
export async function stepRows(
  projection: PoolProjection<"stepVerified" | "intervalCleared">,
  { area, submission, step }: { area: AreaRow; submission: ClearingSubmission; step: number },
): Promise<OrderRow[]> {
  const { tx, event } = projection;
  const { bids, offers, outcome, isLast } = submission;
  const { areaId, intervalId, attempt, transactionHash, timestamp: submittedAt } = event;
  const before = (await cutsOf(tx, event)).at(-1) ?? { bids: 0, offers: 0 };
  const rows = await orderRows(projection, { area, orders: [...bids, ...offers] });
  const placed = rows.map(({ row }, i) => {
    const place = i < bids.length ? before.bids + i : before.offers + i - bids.length;
    return { ...row, step, place, submittedAt };
  });
  await tx.insert(clearingSteps).values({
    areaId,
    intervalId,
    attempt,
    step,
    transactionHash,
    outcome: toJson(outcome),
    bids: bids.length,
    offers: offers.length,
    isLast,
  });
  return placed;
}

/** How many bids and offers of an attempt are in after each of its steps. */
export async function cutsOf(
  tx: Queryable,
  { areaId, intervalId, attempt }: IntervalPlace & { readonly attempt: number },
): Promise<StepCut[]> {
  const steps = await tx
    .select()
    .from(clearingSteps)
    .where(
      and(
        eq(clearingSteps.areaId, areaId),
        eq(clearingSteps.intervalId, intervalId),
        eq(clearingSteps.attempt, attempt),
      ),
    )
    .orderBy(asc(clearingSteps.step));
  const cuts: StepCut[] = [];
  for (const { bids, offers } of steps) {
    const last = cuts.at(-1) ?? { bids: 0, offers: 0 };
    cuts.push({ bids: last.bids + bids, offers: last.offers + offers });
  }
  return cuts;
}
