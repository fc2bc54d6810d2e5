import {
  type CheckStep,
  impossible,
  reportSteps,
  type StepReport,
} from "#domains/metering/check/checkOutcome.ts";
import { checkAuction, checkOrders } from "./auctionChecks.ts";
import { checkMoney, checkPayments, checkReadings } from "./paymentChecks.ts";
import type { PeriodEvidence } from "./periodEvidence.ts";
import { checkDemands, checkDivision, checkMargin } from "./stepChecks.ts";

/** What each step verifies, in the order in which the steps run. */
const TITLES = {
  margin:
    "The margin is what the transformer’s rating, the forecast and the reserve leave, said in time by the grid operator",
  demands: "Every demand came in time, is within its connection, and has the deposit that is needed",
  division: "The margin is divided in proportion, to the watt, and never more than there is",
  orders: "Every order of quota is signed by who signs for its station, and within the limits",
  auction:
    "Cleared anew from these orders, the auction gives the recorded price and trades, and nobody sells or buys what it cannot",
  readings:
    "Every reading that was paid by is under the published root, and those who count as missing have none there",
  payments: "Fee and penalty are tariff × metered energy, and no more than the deposit has",
  money:
    "Payments of the auction and rounding sum to zero, quotas to what they were, and all that is left of a deposit came back",
} as const;

export type PeriodCheckKey = keyof typeof TITLES;

/** The steps of a check, in order. */
export const PERIOD_CHECK_KEYS = Object.keys(TITLES) as readonly PeriodCheckKey[];

/** How far a step is, or what came of it. */
export type PeriodCheckReport = StepReport<PeriodCheckKey | "serverAgainstChain">;

/** A plain sentence of what a step verifies. */
export function periodCheckTitle(key: PeriodCheckKey): string {
  return TITLES[key];
}

/**
 * Verifies one period from its evidence alone, by the rules that the audit replays. Yields for each step that it is running, now
 * and then, and what came of it. A failed step does not end the check.
 */
export function checkPeriod(evidence: PeriodEvidence): Generator<PeriodCheckReport, void, undefined> {
  return reportSteps(stepsOf(evidence), TITLES);
}

function stepsOf(evidence: PeriodEvidence): readonly (readonly [PeriodCheckKey, CheckStep])[] {
  return [
    ["margin", checkMargin(evidence)],
    ["demands", checkDemands(evidence)],
    ["division", checkDivision(evidence)],
    ["orders", withAuction(evidence, checkOrders)],
    ["auction", withAuction(evidence, checkAuction)],
    ["readings", checkReadings(evidence)],
    ["payments", checkPayments(evidence)],
    ["money", checkMoney(evidence)],
  ];
}

/** A step that needs the orders of an auction. */
function withAuction(evidence: PeriodEvidence, check: (evidence: PeriodEvidence) => CheckStep): CheckStep {
  const { division, auction } = evidence;
  if (division?.isRationed === false) return impossible("all demands fitted, so that there is no auction");
  if (auction === null) return impossible("no auction is cleared");
  if (auction.book === null)
    return impossible("the auction was not brought to the market directly, so its orders cannot be read");
  return check(evidence);
}
