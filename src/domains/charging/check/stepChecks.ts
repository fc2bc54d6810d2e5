import type { ChargingPrices } from "#domains/charging/rules/charges.ts";
import {
  findDemandFault,
  findDivisionFault,
  findMarginFault,
  findWindowFault,
  type PeriodFault,
} from "#domains/charging/rules/periodFaults.ts";
import { type Windows, windowsOf } from "#domains/charging/rules/quotaTerms.ts";
import { type CheckStep, notPossible, passed } from "#domains/metering/check/checkOutcome.ts";
import { checkEach, failed } from "./checkStep.ts";
import type { PeriodEvidence } from "./periodEvidence.ts";

/** The windows of an evidence's period. */
export function windowsIn({ period, terms }: PeriodEvidence): Windows {
  return windowsOf(period, terms);
}

/** What energy costs in an evidence's period. */
export function pricesIn({ opening, terms }: PeriodEvidence): ChargingPrices {
  return {
    tariffMicroPerKwh: opening.tariffMicroPerKwh,
    penaltyPermille: BigInt(terms.penaltyPermille),
  };
}

/** Only the grid operator says the margin, and clears. */
export function findSenderFault({ dsoOwner }: PeriodEvidence, sender: string): PeriodFault | null {
  if (sender === dsoOwner) return null;
  return { rule: "quotaDso", finding: `${sender} is not the grid operator ${dsoOwner}` };
}

/** The margin by the period's terms, said in time by the grid operator (R9.4, R9.12). */
export function* checkMargin(evidence: PeriodEvidence): CheckStep {
  yield { checked: 0, of: 1 };
  const { version, terms, opening } = evidence;
  const { opensAt, demandEndsAt } = windowsIn(evidence);
  const fault =
    findMarginFault({ version, terms }, opening) ??
    findWindowFault(opening.timestamp, opensAt, demandEndsAt) ??
    findSenderFault(evidence, opening.sender);
  return fault ? failed(1, fault) : passed(1);
}

/** Each demand once, in time, within the connection, with its deposit (AMB-23). */
export function* checkDemands(evidence: PeriodEvidence): CheckStep {
  const { demands, terms } = evidence;
  const { opensAt, demandEndsAt } = windowsIn(evidence);
  const prices = pricesIn(evidence);
  const seen = new Set<number>();
  return yield* checkEach(demands, (demand) => {
    const { member, standing, timestamp } = demand;
    const fault =
      findWindowFault(timestamp, opensAt, demandEndsAt) ??
      findDemandFault(demand, { standing, prices, periodSeconds: terms.periodSeconds });
    const name = `the demand of member ${member}`;
    if (fault) return { ...fault, finding: `${name}: ${fault.finding}`, member };
    if (seen.has(member)) return { rule: "quotaDemand", finding: `${name} came twice`, member };
    seen.add(member);
    return null;
  });
}

/** The margin divided by the rule (R9.5, R9.6, E9.2). */
export function* checkDivision(evidence: PeriodEvidence): CheckStep {
  const { division, demands, opening } = evidence;
  if (division === null) return notPossible("the margin is not divided");
  yield { checked: 0, of: demands.length };
  const { demandEndsAt, allocationEndsAt } = windowsIn(evidence);
  const fault =
    findWindowFault(division.timestamp, demandEndsAt, allocationEndsAt) ??
    findDivisionFault(division, { demands, marginW: opening.marginW }).fault;
  return fault ? failed(demands.length, fault) : passed(demands.length);
}
