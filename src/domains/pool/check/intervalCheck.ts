import {
  type CheckStep,
  impossible,
  reportSteps,
  type StepReport,
} from "#domains/metering/check/checkOutcome.ts";
import { checkClearing, checkPositions } from "./clearingChecks.ts";
import type { IntervalEvidence } from "./intervalEvidence.ts";
import { checkMoney, checkSettlement } from "./moneyChecks.ts";
import { checkBookRoot, checkOmittedOrders, checkOrderLimits, checkOrderSignatures } from "./orderChecks.ts";
import { checkDeviceSignatures, checkReadingProofs } from "./readingChecks.ts";
import { type ReopenedInterval, reopenInterval } from "./reopenedInterval.ts";
import { checkReturns, isGivenBack } from "./returnChecks.ts";

/** What each step verifies, in the order in which the steps run. */
const TITLES = {
  orderSignatures: "Every order is signed by who signs for its member when the gate closes",
  orderLimits:
    "Every order is for some energy, within the area's price band, and in the book once, its member on one side",
  bookRoot: "All orders together give the root that was recorded for the book",
  clearing:
    "Cleared anew by the terms of the interval, the book gives the recorded price and energy, and each order the same share",
  omittedOrders: "No order was left out that should have traded",
  positions: "The positions are what the trades come to",
  deviceSignatures: "Every reading that was settled by is signed by its meter's device",
  readingProofs: "These readings are under the published root, one for each position that has one",
  settlement: "Each position is settled against its reading, at the area's prices",
  money: "Payments, grid fee, the supplier's part and rounding sum to zero, and are what was recorded",
} as const;

export type CheckKey = keyof typeof TITLES;

/** The steps of a check, in order. */
export const CHECK_KEYS = Object.keys(TITLES) as readonly CheckKey[];

/** How far a step is, or what came of it. `key` tells which report replaces which. */
export type CheckReport = StepReport<CheckKey | "serverAgainstChain">;

/** A plain sentence of what a step verifies. */
export function checkTitle(key: CheckKey): string {
  return TITLES[key];
}

/**
 * Verifies one interval from its evidence alone, with the functions that the market ran and the audit replays
 * (docs/audit.md). Yields for each step, in order, reports that it is running, a few milliseconds apart, and then what
 * came of it. A failed step does not end the check: all go on that can.
 */
export function checkInterval(evidence: IntervalEvidence): Generator<CheckReport, void, undefined> {
  return reportSteps(stepsOf(evidence), TITLES);
}

function stepsOf(evidence: IntervalEvidence): readonly (readonly [CheckKey, CheckStep])[] {
  const reopened = reopenInterval(evidence);
  const unavailable = "reason" in reopened ? reopened : null;
  const reopenedStep = (check: (evidence: IntervalEvidence, reopened: ReopenedInterval) => CheckStep) =>
    "reason" in reopened ? impossible(reopened.reason) : check(evidence, reopened);
  return [
    ["orderSignatures", checkOrderSignatures(evidence, unavailable)],
    ["orderLimits", checkOrderLimits(evidence, unavailable)],
    ["bookRoot", checkBookRoot(evidence, unavailable)],
    ["clearing", reopenedStep(checkClearing)],
    ["omittedOrders", reopenedStep(checkOmittedOrders)],
    ["positions", reopenedStep(checkPositions)],
    ["deviceSignatures", checkDeviceSignatures(evidence)],
    ["readingProofs", reopenedStep(checkReadingProofs)],
    ["settlement", reopenedStep(checkSettlement)],
    ["money", isGivenBack(evidence) ? checkReturns(evidence) : reopenedStep(checkMoney)],
  ];
}
