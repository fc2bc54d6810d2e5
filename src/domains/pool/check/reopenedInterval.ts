import { type SettlementPrices, settlementPrices, supplierReserveMicro } from "#domains/pool/rules/area.ts";
import { reopenClearing, type StepPositions } from "#domains/pool/rules/clearingPlan.ts";
import type { RecordedClearing } from "#domains/pool/rules/outcomeFault.ts";
import type { PositionPacking } from "#domains/pool/rules/positionWord.ts";
import type { Book } from "#kernel/auction/book.ts";
import type { Clearing } from "#kernel/auction/clearing.ts";
import { findUnfitOrder } from "./evidenceBook.ts";
import type { IntervalEvidence } from "./intervalEvidence.ts";

/** What the submitted orders of a clearing amount to, worked out anew; prices follow from the recorded local price. */
export type ReopenedInterval = StepPositions & {
  readonly recorded: RecordedClearing;
  readonly book: Book;
  readonly clearing: Clearing;
  readonly packing: PositionPacking;
  readonly prices: SettlementPrices;
  readonly supplierReserveMicro: bigint;
};

/** Why an interval cannot be worked out anew. */
export type Unavailable = { readonly reason: string };

const NOT_CLEARED = "the interval is not cleared yet";
const GIVEN_UP = "the clearing was given up, and no other followed yet";
const NOT_FINISHED = "the clearing is not finished yet: its last transaction has not come";
const HIDDEN = "the clearing was not brought to the market directly, so its orders cannot be read";

/** Clears the submitted orders of a finished clearing anew (R9.8). */
export function reopenInterval(evidence: IntervalEvidence): ReopenedInterval | Unavailable {
  const { steps, cleared: recorded, area, abandoned } = evidence;
  const isUncleared = recorded === null && steps.length === 0;
  if (isUncleared) return { reason: abandoned.length > 0 ? GIVEN_UP : NOT_CLEARED };
  if (recorded === null) return { reason: NOT_FINISHED };
  if (steps.length === 0) return { reason: HIDDEN };
  const unfit = findUnfitOrder(evidence);
  if (unfit) return { reason: `${unfit.finding}, and no book can hold it` };
  const { pricing } = area.terms;
  const { localPriceMicroPerKwh, isSupplied } = recorded;
  const prices = settlementPrices(area.terms, {
    localPriceMicroPerKwh: BigInt(localPriceMicroPerKwh),
    isSupplied,
  });
  return {
    recorded,
    ...reopenClearing({ steps, pricing }),
    packing: { pricing, localPriceMicroPerKwh },
    prices,
    supplierReserveMicro: supplierReserveMicro(recorded.clearedWh, prices),
  };
}
