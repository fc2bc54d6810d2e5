import type { AreaRecord } from "#domains/metering/areaState.ts";
import { findSubmissionFault, isSameOutcome } from "#domains/pool/check/submissionFault.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import type { SignedBook } from "#domains/pool/rules/bookRoot.ts";
import { reopenClearing } from "#domains/pool/rules/clearingPlan.ts";
import { findOutcomeFault } from "#domains/pool/rules/outcomeFault.ts";
import type { MemberPosition } from "#domains/pool/rules/positionWord.ts";
import type { ClearingSubmission } from "#domains/pool/submissions.ts";
import { pairTrades } from "#kernel/auction/trades.ts";
import { startsAt } from "#kernel/units/interval.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount } from "#platform/audit/replay.ts";
import { verifyOrders } from "./auditOrders.ts";
import { positionsAfter, requireContinued, reserveStep } from "./auditPositions.ts";
import { supplyOf } from "./auditSupply.ts";
import { termsOf } from "./auditTerms.ts";
import {
  type AuditedTerms,
  type ClearingEvent,
  forgetDone,
  type HeldClearing,
  intervalKey,
  type PoolState,
  type UnfinishedClearing,
} from "./poolState.ts";

/** A clearing whose last step is verified: what it left to settle, and the orders that it was submitted with. */
export type VerifiedClearing = { readonly interval: HeldClearing; readonly submitted: SignedBook };

/** Verifies a step of a clearing. Gives the clearing, cleared anew from the orders of all its steps, after the last one. */
export function verifyStep(state: PoolState, event: ClearingEvent): VerifiedClearing | null {
  const key = intervalKey(event);
  forgetDone(state, event.timestamp);
  if (state.intervals.has(key) || state.done.has(key))
    refuseInterval(event, "stage", "the interval was cleared before");
  const submission = requireSubmission(event);
  const started = state.unfinished.get(key);
  const area = requireArea(state, event);
  const terms = started?.terms ?? requireTerms(state, event);
  requireInTime(event, { submission, terms, area });
  const before = started ?? startClearing(state, event, { submission, terms, area });
  requireSame(event, { submission, clearing: before });
  verifyOrders(state, { event, submission, clearing: before });
  requireContinued(event, submission, before);
  const clearing = { ...before, steps: [...before.steps, submission] };
  const positions =
    event.kind === "stepVerified" ? positionsAfter(clearing) : clearAnew(state, event, clearing);
  reserveStep(state, event, { clearing: before, after: positions });
  if (event.kind === "intervalCleared") return finishClearing(state, event, { ...clearing, positions });
  state.unfinished.set(key, { ...clearing, positions });
  return null;
}

function requireSubmission(event: ClearingEvent): ClearingSubmission {
  return (
    event.submission ??
    refuseInterval(
      event,
      "hiddenSubmission",
      "the clearing was not brought to the market directly, so its orders cannot be read from the transaction",
    )
  );
}

function requireArea({ areas }: PoolState, event: ClearingEvent): AreaRecord {
  const { areaId } = event;
  return areas.areaOf(areaId) ?? refuseInterval(event, "unknownArea", `area ${areaId} was not opened`);
}

function requireTerms(state: PoolState, event: ClearingEvent): AuditedTerms {
  const finding = `no terms of area ${event.areaId} were announced`;
  return termsOf(state, event) ?? refuseInterval(event, "termsVersion", finding);
}

/** What a step brought, by which terms and in which area. */
type Brought = {
  readonly submission: ClearingSubmission;
  readonly terms: AuditedTerms;
  readonly area: AreaRecord;
};

/** The area's operator brought the step, after the gate had closed and before delivery began. */
function requireInTime(event: ClearingEvent, { submission, terms, area }: Brought): void {
  const { sender, timestamp } = event;
  const fault = findSubmissionFault({
    step: { ...submission, sender, timestamp },
    key: event,
    operator: area.operator,
    terms: terms.terms,
    isFinal: event.kind === "intervalCleared",
  });
  if (fault) refuseInterval(event, fault.rule, fault.finding);
}

/** The first step of a clearing: its terms and parties are those of the moment, whatever changes until the last one. */
function startClearing(
  state: PoolState,
  event: ClearingEvent,
  { submission, terms, area }: Brought,
): UnfinishedClearing {
  const { areaId, intervalId, attempt } = event;
  const { supplier, dso, fund } = area;
  const { count } = state.attempts.get(intervalKey(event)) ?? { count: 0 };
  if (attempt !== count)
    refuseInterval(event, "attempt", `attempt ${attempt} follows ${count} that were given up`);
  const { outcome } = submission;
  const localPriceMicroPerKwh = outcome.clearedWh === 0 ? 0 : outcome.localPrice;
  return {
    areaId,
    intervalId,
    attempt,
    parties: { supplier, dso, fund },
    terms,
    outcome,
    ...supplyOf(state, event, { outcome, supplier, terms }),
    packing: { pricing: terms.terms.pricing, localPriceMicroPerKwh },
    progress: { bid: { count: 0, last: null }, offer: { count: 0, last: null } },
    sides: new Map(),
    steps: [],
    positions: [],
  };
}

/** A further step goes on with the clearing that is under way. */
function requireSame(
  event: ClearingEvent,
  { submission, clearing }: { submission: ClearingSubmission; clearing: UnfinishedClearing },
): void {
  const { attempt } = event;
  if (attempt !== clearing.attempt)
    refuseInterval(event, "attempt", `a step of attempt ${attempt} goes on with attempt ${clearing.attempt}`);
  if (!isSameOutcome(clearing.outcome, submission.outcome))
    refuseInterval(event, "outcomeChanged", "the declared outcome is not that of the clearing's first step");
}

/** Clears the submitted orders anew, compares the outcome, and gives what members traded. */
function clearAnew(
  { counts }: PoolState,
  event: PoolEvent<"intervalCleared">,
  { steps, terms, outcome }: UnfinishedClearing,
): readonly MemberPosition[] {
  const { book, clearing, positions } = reopenClearing({ steps, pricing: terms.terms.pricing });
  if (event.termsVersion !== terms.version)
    refuseInterval(
      event,
      "termsVersion",
      `the clearing is by version ${event.termsVersion} of the terms; version ${terms.version} holds for the interval`,
    );
  const fault = findOutcomeFault({ declared: outcome, recorded: event, book, clearing });
  if (fault) refuseInterval(event, fault.rule, fault.finding, fault.side ? { side: fault.side } : {});
  addCount(counts, "pool.clearings");
  addCount(counts, "pool.trades", pairTrades(book, clearing).quantity.length);
  return positions;
}

function finishClearing(
  { unfinished }: PoolState,
  event: PoolEvent<"intervalCleared">,
  { steps, outcome: _outcome, progress: _progress, sides: _sides, ...interval }: UnfinishedClearing,
): VerifiedClearing {
  unfinished.delete(intervalKey(event));
  const bids = steps.flatMap((step) => step.bids);
  const offers = steps.flatMap((step) => step.offers);
  return { interval, submitted: { bids, offers } };
}

/** When delivery of an interval of a clearing begins, unix seconds. */
export function beginsAt({ intervalId, terms }: HeldClearing): number {
  return startsAt(intervalId, terms.terms.intervalSeconds);
}
