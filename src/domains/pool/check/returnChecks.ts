import {
  type CheckFault,
  type CheckStep,
  failed,
  notPossible,
  passed,
} from "#domains/metering/check/checkOutcome.ts";
import { findReturnTimeFault } from "#domains/pool/rules/settlementTiming.ts";
import type { AbandonedEvidence, IntervalEvidence, MovementEvidence } from "./intervalEvidence.ts";

/** Whether what an interval reserved goes back, so that nothing is settled. */
export function isGivenBack({ stage, steps, abandoned }: IntervalEvidence): boolean {
  const isGivenUp = stage === "collecting" && steps.length === 0 && abandoned.length > 0;
  return stage === "returned" || stage === "returning" || isGivenUp;
}

/** Of an interval that was given back, no page too early, every member has what it had, and escrow keeps nothing. */
export function* checkReturns(evidence: IntervalEvidence): CheckStep {
  const { stage, returns, movements, abandoned } = evidence;
  yield { checked: 0, of: returns.length };
  const early = findEarlyReturn(evidence) ?? findKeptByAttempt(evidence);
  if (early) return failed(returns.length, early);
  if (stage === "returning" || !abandoned.every(({ isReturned }) => isReturned))
    return notPossible("not all is given back yet", returns.length);
  const isReturned = stage === "returned";
  if (isReturned && returns.length === 0)
    return failed(0, {
      finding: "the interval is said to be given back, and no page of it was",
      subject: {},
    });
  const fault = (isReturned ? findKept(evidence) : null) ?? (movements && findChanged(movements));
  if (fault) return failed(returns.length, fault);
  if (movements === null) return notPossible("nobody kept by member what went back", returns.length);
  return passed(returns.length);
}

/** What began to be given back in time goes on, whatever is published since. */
function findEarlyReturn(evidence: IntervalEvidence): CheckFault | null {
  const { returns, intervalId, area, attempt, publications } = evidence;
  const [first] = returns
    .filter((page) => page.attempt === attempt)
    .sort((a, b) => a.timestamp - b.timestamp);
  if (!first) return null;
  const { page, timestamp } = first;
  const fault = findReturnTimeFault({
    timestamp,
    intervalId,
    area: { ...area.terms, waitingSeconds: area.waitingSeconds },
    isAbandoned: false,
    isPublished: publications.some((published) => published.timestamp <= timestamp),
  });
  return fault && { finding: `page ${page} was ${fault.finding}`, subject: { page } };
}

/** What the clearing took into escrow is what its pages gave back. */
function findKept({ steps, returns, attempt }: IntervalEvidence): CheckFault | null {
  const heldMicro = steps.reduce((sum, step) => sum + step.heldMicro, 0n);
  const releasedMicro = returnedMicro(returns, attempt);
  if (heldMicro === releasedMicro) return null;
  const finding = `the clearing took ${heldMicro} micro into escrow, and ${releasedMicro} micro were given back`;
  return { finding, subject: {} };
}

/** What the clearings that were given up took into escrow is what came back of each, as far as all did. */
export function findKeptByAttempt({ abandoned, returns }: IntervalEvidence): CheckFault | null {
  for (const given of abandoned) {
    const backMicro = given.releasedMicro + returnedMicro(returns, given.attempt);
    if (isBalanced(given, backMicro)) continue;
    const finding = `attempt ${given.attempt} took ${given.heldMicro} micro into escrow, and ${backMicro} micro were given back`;
    return { finding, subject: {} };
  }
  return null;
}

function isBalanced({ heldMicro, isReturned }: AbandonedEvidence, backMicro: bigint): boolean {
  return isReturned ? backMicro === heldMicro : backMicro <= heldMicro;
}

function returnedMicro(returns: IntervalEvidence["returns"], attempt: number): bigint {
  return returns
    .filter((page) => page.attempt === attempt)
    .reduce((sum, { releasedMicro }) => sum + releasedMicro, 0n);
}

function findChanged(movements: readonly MovementEvidence[]): CheckFault | null {
  const sums = new Map<number, bigint>();
  for (const { member, freeMicro, marginMicro } of movements)
    sums.set(member, (sums.get(member) ?? 0n) + freeMicro + marginMicro);
  const [changed] = [...sums].filter(([, micro]) => micro !== 0n);
  if (!changed) return null;
  const [member, micro] = changed;
  const finding = `the interval was given back, and member ${member} has ${micro} micro more than before`;
  return { finding, subject: { member } };
}
