import type { StepCut } from "#domains/pool/rules/clearingPlan.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import { clearingSteps } from "#domains/pool/tables.ts";
import { toJson } from "#platform/store/factsJson.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { addRows, rowsOf } from "#platform/store/workingSet.ts";
import type { IntervalRow } from "./intervals.ts";
import { type OrderRow, orderRows } from "./orderRows.ts";
import type { PoolProjection } from "./poolProjection.ts";
import type { AreaRow } from "./terms.ts";

/**
 * Writes a step down. Gives the rows of the orders that its transaction brought, and how many bids and offers are in after each
 * step of the attempt, this one included.
 */
export async function stepRows(
  projection: PoolProjection<"stepVerified" | "intervalCleared">,
  {
    area,
    accounts,
    before: { steps: step },
    submission,
  }: {
    area: AreaRow;
    accounts: ReadonlyMap<number, number>;
    before: IntervalRow;
    submission: ClearingSubmission;
  },
): Promise<{ rows: OrderRow[]; cuts: StepCut[] }> {
  const { tx, event } = projection;
  const { bids, offers, outcome, isLast } = submission;
  const { areaId, intervalId, attempt, transactionHash, timestamp: submittedAt } = event;
  const cuts = step === 0 ? [] : await cutsOf(tx, event);
  const before = cuts.at(-1) ?? { bids: 0, offers: 0 };
  const rows = await orderRows(projection, { area, accounts, orders: [...bids, ...offers] });
  const placed = rows.map(({ row }, i) => {
    const place = i < bids.length ? before.bids + i : before.offers + i - bids.length;
    return { ...row, step, place, submittedAt };
  });
  const counts = { bids: bids.length, offers: offers.length };
  addRows(tx, clearingSteps, event, [
    { areaId, intervalId, attempt, step, transactionHash, outcome: toJson(outcome), ...counts, isLast },
  ]);
  const cut = { bids: before.bids + bids.length, offers: before.offers + offers.length };
  return { rows: placed, cuts: [...cuts, cut] };
}

async function cutsOf(
  tx: Queryable,
  attempt: IntervalPlace & { readonly attempt: number },
): Promise<StepCut[]> {
  const cuts: StepCut[] = [];
  const steps = (await rowsOf(tx, clearingSteps, attempt)).filter((row) => row.attempt === attempt.attempt);
  for (const { bids, offers } of steps.sort((a, b) => a.step - b.step)) {
    const last = cuts.at(-1) ?? { bids: 0, offers: 0 };
    cuts.push({ bids: last.bids + bids, offers: last.offers + offers });
  }
  return cuts;
}
