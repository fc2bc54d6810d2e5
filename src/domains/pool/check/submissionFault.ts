import { type AreaTerms, gateClosesAt } from "#domains/pool/rules/area.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { endsAt } from "#kernel/units/interval.ts";

/** What is wrong with how a step of a clearing came. */
export type SubmissionFault = {
  readonly rule: "submissionPlace" | "operator" | "pricing" | "gateOpen" | "deliveryOver";
  readonly finding: string;
};

/**
 * A step is of this interval and sent by the area's operator, after the gate had closed and before delivery was over, and
 * priced as the area is (R9.8); null when it is.
 *
 * @property isFinal whether the contract took the step for the last one
 * @property recordedPricing what the contract recorded with the last step, null at the others
 */
export function findSubmissionFault({
  step,
  key,
  area: { operator, terms },
  isFinal,
  recordedPricing,
}: {
  step: {
    readonly pricing: Pricing;
    readonly outcome: DeclaredOutcome;
    readonly isLast: boolean;
    readonly sender: Address;
    readonly timestamp: number;
  };
  key: { readonly areaId: number; readonly intervalId: number };
  area: { readonly operator: Address; readonly terms: AreaTerms };
  isFinal: boolean;
  recordedPricing: Pricing | null;
}): SubmissionFault | null {
  const { outcome, sender, timestamp, pricing } = step;
  const isSamePlace = outcome.areaId === key.areaId && outcome.intervalId === key.intervalId;
  if (!isSamePlace || step.isLast !== isFinal)
    return {
      rule: "submissionPlace",
      finding: "the transaction brought the clearing of another interval or step",
    };
  if (sender !== operator)
    return {
      rule: "operator",
      finding: `the clearing was sent by ${sender}, not by the operator ${operator}`,
    };
  if (pricing !== terms.pricing || (recordedPricing ?? pricing) !== terms.pricing)
    return {
      rule: "pricing",
      finding: `the clearing is priced by ${pricing}, the area by ${terms.pricing}`,
    };
  const closesAt = gateClosesAt(key.intervalId, terms);
  if (timestamp < closesAt)
    return {
      rule: "gateOpen",
      finding: `cleared at ${timestamp} s, before the gate closed at ${closesAt} s`,
    };
  const overAt = endsAt(key.intervalId, terms.intervalSeconds);
  if (timestamp < overAt) return null;
  return {
    rule: "deliveryOver",
    finding: `cleared at ${timestamp} s, when delivery was over since ${overAt} s`,
  };
}

/** Whether two steps of a clearing declare the same outcome. */
export function isSameOutcome(a: DeclaredOutcome, b: DeclaredOutcome): boolean {
  return outcomeText(a) === outcomeText(b);
}

/** A declared outcome in one line, by which two can be told apart. */
export function outcomeText({ bids, offers, ...rest }: DeclaredOutcome): string {
  const wordsOf = ({ levelWh, filledWh, cutRemainder, cutParticipant }: DeclaredOutcome["bids"]) => [
    levelWh,
    filledWh,
    cutRemainder,
    cutParticipant,
  ];
  return [
    rest.areaId,
    rest.intervalId,
    rest.marginalBid,
    rest.marginalOffer,
    rest.firstAccount,
    rest.lastAccount,
    rest.bookRoot,
    ...wordsOf(bids),
    ...wordsOf(offers),
  ].join("/");
}
