import { findSubmissionFault, isSameOutcome } from "#domains/pool/check/submissionFault.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { settlementPrices, supplierReserveMicro } from "#domains/pool/rules/area.ts";
import type { SignedBook } from "#domains/pool/rules/bookRoot.ts";
import { reopenClearing } from "#domains/pool/rules/clearingPlan.ts";
import { findOutcomeFault } from "#domains/pool/rules/outcomeFault.ts";
import { sumOf } from "#domains/pool/rules/pageSettlement.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import { findReserveFault } from "#domains/pool/rules/settlementFault.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import { pairTrades } from "#kernel/auction/trades.ts";
import { present } from "#kernel/units/assert.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount } from "#platform/audit/replay.ts";
import { areaOf } from "./auditArea.ts";
import { verifyOrders } from "./auditOrders.ts";
import {
  type AuditedArea,
  type ClearedInterval,
  forgetDone,
  intervalKey,
  type PoolState,
  type UnfinishedClearing,
} from "./poolState.ts";

type ClearingEvent = PoolEvent<"stepVerified" | "intervalCleared">;

/** A clearing whose last step is verified: what it left to settle, and the orders that it was submitted with. */
export type VerifiedClearing = { readonly interval: ClearedInterval; readonly submitted: SignedBook };

/** Verifies a step of a clearing. Gives the clearing, cleared anew from the orders of all its steps, after the last one. */
export function verifyStep(state: PoolState, event: ClearingEvent): VerifiedClearing | null {
  const key = intervalKey(event);
  forgetDone(state, event.timestamp);
  if (state.intervals.has(key) || state.done.has(key))
    refuseInterval(event, "stage", "the interval was cleared before");
  const area = areaOf(state, event);
  const submission = requireSubmission(event, area);
  const clearing = state.unfinished.get(key) ?? startClearing(area, submission);
  requireNextStep(event, submission, clearing);
  verifyOrders(state, { event, submission, clearing });
  clearing.steps.push(submission);
  clearing.heldMicro.push(
    state.money.takeHeld() ?? refuseInterval(event, "reserve", "the clearing took nothing into escrow"),
  );
  state.unfinished.set(key, clearing);
  if (event.kind === "stepVerified") return null;
  state.unfinished.delete(key);
  return finishClearing(state, event, clearing);
}

function startClearing(area: AuditedArea, { outcome }: ClearingSubmission): UnfinishedClearing {
  const progress = { bid: { count: 0, last: null }, offer: { count: 0, last: null } };
  return { area, outcome, progress, steps: [], heldMicro: [] };
}

/** The area's operator brought the orders, after the gate had closed and before delivery was over. */
function requireSubmission(event: ClearingEvent, area: AuditedArea): ClearingSubmission {
  const { submission } = event;
  if (submission === null)
    return refuseInterval(
      event,
      "hiddenSubmission",
      "the clearing was not brought to the market directly, so its orders cannot be read from the transaction",
    );
  const fault = findSubmissionFault({
    step: { ...submission, sender: event.sender, timestamp: event.timestamp },
    key: event,
    area,
    isFinal: event.kind === "intervalCleared",
    recordedPricing: event.kind === "intervalCleared" ? event.pricing : null,
  });
  if (fault) refuseInterval(event, fault.rule, fault.finding);
  return submission;
}

function requireNextStep(
  event: ClearingEvent,
  submission: ClearingSubmission,
  { outcome, steps }: UnfinishedClearing,
): void {
  if (!isSameOutcome(outcome, submission.outcome))
    refuseInterval(event, "outcomeChanged", "the declared outcome is not that of the clearing's first step");
  if (event.kind === "stepVerified" && event.step !== steps.length)
    refuseInterval(event, "stage", `step ${event.step} follows step ${steps.length - 1}`);
}

/** Clears the submitted orders anew, compares the outcome, and reserves what the positions need. */
function finishClearing(
  state: PoolState,
  event: PoolEvent<"intervalCleared">,
  clearing: UnfinishedClearing,
): VerifiedClearing {
  const { area, outcome, steps, heldMicro } = clearing;
  const reopened = reopenClearing({ steps, pricing: area.terms.pricing });
  const { book, positions } = reopened;
  const fault = findOutcomeFault({ declared: outcome, recorded: event, book, clearing: reopened.clearing });
  if (fault) refuseInterval(event, fault.rule, fault.finding, fault.side ? { side: fault.side } : {});
  const prices = settlementPrices(area.terms, BigInt(event.localPriceMicroPerKwh));
  const supplierMicro = requireSupply(state, event, supplierReserveMicro(event.clearedWh, prices));
  const interval = { area, positions, prices, supplierReserveMicro: supplierMicro };
  reserveSteps(state, event, interval, heldMicro);
  addCount(state.counts, "pool.clearings");
  addCount(state.counts, "pool.trades", pairTrades(book, reopened.clearing).quantity.length);
  const submitted = {
    bids: steps.flatMap((step) => step.bids),
    offers: steps.flatMap((step) => step.offers),
  };
  return { interval, submitted };
}

/** Money of a supplier is reserved only once it agreed to it. */
function requireSupply(
  { supplied }: PoolState,
  event: PoolEvent<"intervalCleared">,
  supplierMicro: bigint,
): bigint {
  if (supplierMicro > 0n && !supplied.has(event.areaId))
    refuseInterval(
      event,
      "supplyNotAccepted",
      "the clearing reserves money of a supplier that never agreed to it",
    );
  return supplierMicro;
}

/** What each step took into escrow is what its positions need; with the last step comes the supplier's part (R7.3). */
function reserveSteps(
  { money }: PoolState,
  event: PoolEvent<"intervalCleared">,
  { area, positions, prices, supplierReserveMicro: supplierMicro }: ClearedInterval,
  heldMicro: readonly bigint[],
): void {
  for (const [step, ofStep] of positions.entries()) {
    const isLast = step === positions.length - 1;
    const reserves = reservesOf([ofStep], prices);
    const neededMicro = sumOf(reserves) + (isLast ? supplierMicro : 0n);
    const finding = findReserveFault(present(heldMicro[step], "what a step held"), neededMicro);
    if (finding !== null) refuseInterval(event, "reserve", finding);
    money.reserve(event, reserves);
    if (isLast) money.reserve(event, new Map([[area.accounts.supplier, supplierMicro]]));
  }
}
