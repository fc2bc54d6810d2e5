import type { BaselineInputs } from "./baselineInputs.ts";
import type { BaselineMethod } from "./baselineMethod.ts";
import { type ComputedBaseline, computeBaseline } from "./computeBaseline.ts";
import { type BaselineRefusal, refuseBaseline } from "./likeDays.ts";

const PERMILLE = 1_000;

/**
 * How much more than on the like days before them the days of a baseline may have used, thousandths. What is within it
 * is taken for the season; what is beyond, for days that were raised to be paid for.
 */
export const MOST_RISE_PERMILLE = 250;

/**
 * A baseline that money may be paid by (R2.20, R8.38).
 *
 * @property isLimited whether the older days stand instead of the newer
 */
export type PayableBaseline = ComputedBaseline & { readonly isLimited: boolean };

/**
 * Stops days that were inflated before an event or before bids of each day, which leave no newer day without one. The baseline's days
 * are held against as many like days before the oldest of them. Where they used more by over {@link MOST_RISE_PERMILLE}, each interval counts with
 * the lower of both. Without such days nothing is payable.
 *
 * @throws as {@link computeBaseline}
 */
export function payableBaseline(
  method: BaselineMethod,
  inputs: BaselineInputs,
): PayableBaseline | BaselineRefusal {
  const computed = computeBaseline(method, inputs);
  if (computed.status === "refused") return computed;
  const oldest = computed.days.at(-1) ?? inputs.date;
  const older = computeBaseline(
    { name: "meanOfLast", days: method.days, lookBackDays: 2 * method.lookBackDays },
    { ...inputs, days: inputs.days.filter(({ date }) => date < oldest) },
  );
  if (older.status === "refused")
    return refuseBaseline(
      older.reason,
      `${older.sentence}, before ${oldest}, to hold the newer against`,
      older.skipped,
    );
  const isLimited =
    total(computed.baselineWh) * PERMILLE > total(older.baselineWh) * (PERMILLE + MOST_RISE_PERMILLE);
  if (!isLimited) return { ...computed, isLimited };
  const lower = computed.baselineWh.map((value, i) => Math.min(value, older.baselineWh[i] ?? 0));
  return { ...computed, baselineWh: lower, isLimited };
}

function total(energiesWh: readonly number[]): number {
  return energiesWh.reduce((sum, value) => sum + value, 0);
}
