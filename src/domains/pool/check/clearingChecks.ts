import { pageOf } from "#domains/metering/rules/readingTree.ts";
import { findOutcomeFault } from "#domains/pool/rules/outcomeFault.ts";
import { findPositionFault, positionsOfPage } from "#domains/pool/rules/pageSettlement.ts";
import { type CheckFault, type CheckStep, failed, notPossible, passed } from "./checkOutcome.ts";
import type { IntervalEvidence } from "./intervalEvidence.ts";
import type { ReopenedInterval } from "./reopenedInterval.ts";
import { findSubmissionFault, isSameOutcome } from "./submissionFault.ts";

const NO_POSITIONS = "no page is settled yet, and until then the chain holds only hashes of the positions";

/**
 * The operator brought the clearing in time, and the book, cleared anew, gives the declared and recorded price and energy
 * and each order the same share (R2.41, R9.8, E9.5–E9.8).
 */
export function* checkClearing(evidence: IntervalEvidence, reopened: ReopenedInterval): CheckStep {
  const orders = evidence.steps.reduce((sum, { bids, offers }) => sum + bids.length + offers.length, 0);
  yield { checked: 0, of: orders };
  const stepFault = findStepFault(evidence);
  if (stepFault) return failed(orders, stepFault);
  const { recorded, book, clearing } = reopened;
  for (const { outcome: declared } of evidence.steps.slice(0, 1)) {
    const fault = findOutcomeFault({ declared, recorded, book, clearing });
    if (fault) return failed(orders, { finding: fault.finding, subject: sideOf(fault) });
  }
  return passed(orders);
}

function findStepFault(evidence: IntervalEvidence): CheckFault | null {
  const { steps, area, cleared } = evidence;
  for (const [i, step] of steps.entries()) {
    const isFinal = i === steps.length - 1;
    const recordedPricing = isFinal ? (cleared?.pricing ?? null) : null;
    const fault = findSubmissionFault({ step, key: evidence, area, isFinal, recordedPricing });
    const first = steps[0] ?? step;
    const finding =
      fault?.finding ??
      (isSameOutcome(first.outcome, step.outcome)
        ? null
        : "the declared outcome is not that of the clearing's first step");
    if (finding !== null)
      return { finding: `transaction ${i + 1} of the clearing: ${finding}`, subject: { step: i + 1 } };
  }
  return null;
}

function sideOf({ side }: { readonly side?: "bid" | "offer" }) {
  return side ? { side } : {};
}

/** The positions that are told, and those that were brought to the settlement, are what the trades come to (R9.8). */
export function* checkPositions(evidence: IntervalEvidence, { positions }: ReopenedInterval): CheckStep {
  const { steps, pages } = evidence;
  const count = positions.flat().length;
  yield { checked: 0, of: count };
  const told = steps.flatMap((step) => (step.positions === null ? [] : [step.positions]));
  const isTold = told.length === steps.length;
  const toldFault = isTold ? findPositionFault(told, positions) : null;
  if (toldFault) return failed(count, { finding: toldFault.finding, subject: accountOf(toldFault) });
  for (const { page, positions: brought } of pages) {
    const fault = findPositionFault(brought, positionsOfPage(positions, page));
    if (fault) {
      const finding = `at the settlement of page ${page}, ${fault.finding}`;
      return failed(count, { finding, subject: { page, ...accountOf(fault) } });
    }
  }
  if (isTold) return passed(count);
  const settled = new Set(pages.map(({ page }) => page));
  const known = positions.flat().filter(({ account }) => settled.has(pageOf(account))).length;
  return known === count ? passed(count) : notPossible(NO_POSITIONS, known);
}

function accountOf({ account }: { readonly account?: number }) {
  return account === undefined ? {} : { account };
}
