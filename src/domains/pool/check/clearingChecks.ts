import {
  type CheckFault,
  type CheckStep,
  failed,
  notPossible,
  passed,
} from "#domains/metering/check/checkOutcome.ts";
import { pageOf } from "#domains/metering/rules/readingTree.ts";
import { findCapacityFault } from "#domains/pool/rules/capacityFault.ts";
import { findOutcomeFault } from "#domains/pool/rules/outcomeFault.ts";
import { findPositionFault, pagesOf, positionsOfPage } from "#domains/pool/rules/pageSettlement.ts";
import type { IntervalEvidence } from "./intervalEvidence.ts";
import type { ReopenedInterval } from "./reopenedInterval.ts";
import { findSubmissionFault, isSameOutcome } from "./submissionFault.ts";

const NO_POSITIONS = "no page is settled yet, and until then the chain holds only hashes of the positions";

/**
 * The operator brought the clearing in time, by the terms of the interval, as its next attempt; and the book, cleared anew,
 * gives the declared and recorded price and energy and each order the same share (R2.41, R9.8, E9.5–E9.8), no more than
 * its connection carries.
 */
export function* checkClearing(evidence: IntervalEvidence, reopened: ReopenedInterval): CheckStep {
  const orders = evidence.steps.reduce((sum, { bids, offers }) => sum + bids.length + offers.length, 0);
  yield { checked: 0, of: orders };
  const stepFault = findStepFault(evidence) ?? findPlaceFault(evidence, reopened);
  if (stepFault) return failed(orders, stepFault);
  const { recorded, book, clearing } = reopened;
  for (const { outcome: declared } of evidence.steps.slice(0, 1)) {
    const fault = findOutcomeFault({ declared, recorded, book, clearing });
    if (fault) return failed(orders, { finding: fault.finding, subject: sideOf(fault) });
  }
  const above = findAboveCapacity(evidence, reopened);
  return above ? failed(orders, above) : passed(orders);
}

function findStepFault(evidence: IntervalEvidence): CheckFault | null {
  const { steps, area } = evidence;
  for (const [i, step] of steps.entries()) {
    const isFinal = i === steps.length - 1;
    const { operator } = step;
    const fault = findSubmissionFault({ step, key: evidence, operator, terms: area.terms, isFinal });
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

/** The terms and the number of the attempt are those that the interval has. */
function findPlaceFault(
  { attempt, abandoned, area }: IntervalEvidence,
  { recorded }: ReopenedInterval,
): CheckFault | null {
  if (attempt !== abandoned.length)
    return {
      finding: `the clearing is said to be attempt ${attempt}; ${abandoned.length} were given up before it`,
      subject: {},
    };
  if (recorded.termsVersion === area.termsVersion) return null;
  const finding = `the clearing is recorded by version ${recorded.termsVersion} of the terms; version ${area.termsVersion} holds for the interval`;
  return { finding, subject: {} };
}

/** Of a member without an order in a step, the capacity is the one that a step before knew. */
function findAboveCapacity(
  { steps, area }: IntervalEvidence,
  { positions, before }: ReopenedInterval,
): CheckFault | null {
  const { intervalSeconds } = area.terms;
  const capacities = new Map<number, number>();
  for (const [i, { standings }] of steps.entries()) {
    for (const [member, { capacityW }] of standings) capacities.set(member, capacityW);
    const fault = findCapacityFault({
      before: before[i] ?? [],
      after: before[i + 1] ?? positions,
      intervalSeconds,
      capacityOf: (member) => capacities.get(member) ?? 0,
    });
    if (fault) return { finding: fault.finding, subject: { member: fault.member } };
  }
  return null;
}

function sideOf({ side }: { readonly side?: "bid" | "offer" }) {
  return side ? { side } : {};
}

/** The positions that are told are what the trades come to (R9.8). */
export function* checkPositions(
  { positions: told }: IntervalEvidence,
  { positions, packing }: ReopenedInterval,
): CheckStep {
  const count = positions.length;
  yield { checked: 0, of: count };
  for (const { page, words } of told) {
    const fault = findPositionFault(words, positionsOfPage(positions, page), packing);
    if (fault === null) continue;
    const member = fault.member === undefined ? {} : { member: fault.member };
    return failed(count, { finding: `on page ${page}, ${fault.finding}`, subject: { page, ...member } });
  }
  const toldPages = new Set(told.map(({ page }) => page));
  if (pagesOf(positions).every((page) => toldPages.has(page))) return passed(count);
  const known = positions.filter(({ member }) => toldPages.has(pageOf(member))).length;
  return notPossible(NO_POSITIONS, known);
}
