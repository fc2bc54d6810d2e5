import { findReturnTimeFault } from "#domains/pool/rules/settlementTiming.ts";
import { type CheckFault, type CheckStep, failed, notPossible, passed } from "./checkOutcome.ts";
import type { IntervalEvidence, MovementEvidence } from "./intervalEvidence.ts";

/** Whether what an interval reserved goes back, so that nothing is settled. */
export function isGivenBack({ stage }: IntervalEvidence): boolean {
  return stage === "voided" || stage === "voiding";
}

/** Of an interval that was given back, no page too early, every account has what it had, and escrow keeps nothing. */
export function* checkReturns(evidence: IntervalEvidence): CheckStep {
  const { stage, returns, movements } = evidence;
  yield { checked: 0, of: returns.length };
  const early = findEarlyReturn(evidence);
  if (early) return failed(returns.length, early);
  if (stage === "voiding") return notPossible("not all is given back yet", returns.length);
  if (returns.length === 0)
    return failed(0, {
      finding: "the interval is said to be given back, and no page of it was",
      subject: {},
    });
  const fault = findKept(evidence) ?? (movements && findChanged(movements));
  if (fault) return failed(returns.length, fault);
  if (movements === null) return notPossible("nobody kept by account what went back", returns.length);
  return passed(returns.length);
}

function findEarlyReturn({ returns, intervalId, area, cleared }: IntervalEvidence): CheckFault | null {
  for (const { page, timestamp } of returns) {
    const { terms } = area;
    const fault = findReturnTimeFault({ timestamp, intervalId, terms, isCleared: cleared !== null });
    if (fault) return { finding: `page ${page} was ${fault.finding}`, subject: { page } };
  }
  return null;
}

/** What the steps took into escrow is what the pages gave back; as far as both are known. */
function findKept({ steps, returns }: IntervalEvidence): CheckFault | null {
  const [heldMicro, releasedMicro] = [
    sumKnown(steps.map((step) => step.heldMicro)),
    sumKnown(returns.map((page) => page.releasedMicro)),
  ];
  if (heldMicro === null || releasedMicro === null || heldMicro === releasedMicro) return null;
  const finding = `the clearing took ${heldMicro} micro into escrow, and ${releasedMicro} micro were given back`;
  return { finding, subject: {} };
}

function sumKnown(amounts: readonly (bigint | null)[]): bigint | null {
  return amounts.reduce((sum, micro) => (sum === null || micro === null ? null : sum + micro), 0n);
}

function findChanged(movements: readonly MovementEvidence[]): CheckFault | null {
  const sums = new Map<number, bigint>();
  for (const { account, freeMicro, marginMicro } of movements)
    sums.set(account, (sums.get(account) ?? 0n) + freeMicro + marginMicro);
  const [changed] = [...sums].filter(([, micro]) => micro !== 0n);
  if (!changed) return null;
  const [account, micro] = changed;
  const finding = `the interval was given back, and account ${account} has ${micro} micro more than before`;
  return { finding, subject: { account } };
}
