import { type AreaTerms, gateClosesAt } from "#domains/pool/rules/area.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { startsAt } from "#kernel/units/interval.ts";

/** What is wrong with how a step of a clearing came. */
export type SubmissionFault = {
  readonly rule: "submissionPlace" | "operator" | "gateOpen" | "deliveryBegun";
  readonly finding: string;
};

/**
 * A step is of this interval and sent by the area's operator, after the gate had closed and before delivery began (R9.8);
 * null when it is.
 *
 * @property operator who operated the area when the step came
 * @property isFinal whether the contract took the step for the last one
 */
export function findSubmissionFault({
  step: { outcome, sender, timestamp, isLast },
  key,
  operator,
  terms,
  isFinal,
}: {
  step: {
    readonly outcome: DeclaredOutcome;
    readonly isLast: boolean;
    readonly sender: Address;
    readonly timestamp: number;
  };
  key: { readonly areaId: number; readonly intervalId: number };
  operator: Address;
  terms: AreaTerms;
  isFinal: boolean;
}): SubmissionFault | null {
  const isSamePlace = outcome.areaId === key.areaId && outcome.intervalId === key.intervalId;
  if (!isSamePlace || isLast !== isFinal)
    return {
      rule: "submissionPlace",
      finding: "the transaction brought the clearing of another interval or step",
    };
  if (sender !== operator)
    return {
      rule: "operator",
      finding: `the clearing was sent by ${sender}, not by the operator ${operator}`,
    };
  const closesAt = gateClosesAt(key.intervalId, terms);
  if (timestamp < closesAt)
    return {
      rule: "gateOpen",
      finding: `cleared at ${timestamp} s, before the gate closed at ${closesAt} s`,
    };
  const beginsAt = startsAt(key.intervalId, terms.intervalSeconds);
  if (timestamp < beginsAt) return null;
  return {
    rule: "deliveryBegun",
    finding: `cleared at ${timestamp} s, when delivery had begun at ${beginsAt} s`,
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
    rest.firstMember,
    rest.lastMember,
    rest.marginalBid,
    rest.marginalOffer,
    rest.localPrice,
    rest.clearedWh,
    rest.bookRoot,
    ...wordsOf(bids),
    ...wordsOf(offers),
  ].join("/");
}
