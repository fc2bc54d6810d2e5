import { endsAt } from "#kernel/units/interval.ts";
import type { AreaTerms } from "./area.ts";

/** What is wrong with when money left escrow. */
export type TimingFault = {
  readonly rule: "deliveryNotOver" | "tooEarlyToVoid" | "stage";
  readonly finding: string;
};

/** When something happened to an interval of an area. */
type Moment = {
  readonly timestamp: number;
  readonly intervalId: number;
  readonly terms: Pick<AreaTerms, "intervalSeconds">;
};

/** Nobody waits for readings any longer than this after delivery. */
export const VOID_AFTER_SECONDS = 14 * 86_400;

/**
 * A page is settled once delivery is over; without readings only 14 days later, and when another page of the interval was
 * paid before (docs/decisions/009). Null when it is so.
 */
export function findSettlementTimeFault({
  isContracted,
  isAnotherPaid,
  ...moment
}: Moment & { readonly isContracted: boolean; readonly isAnotherPaid: boolean }): TimingFault | null {
  const { timestamp, intervalId, terms } = moment;
  const overAt = endsAt(intervalId, terms.intervalSeconds);
  if (timestamp < overAt)
    return {
      rule: "deliveryNotOver",
      finding: `settled at ${timestamp} s, before delivery was over at ${overAt} s`,
    };
  if (!isContracted) return null;
  if (!isAnotherPaid)
    return { rule: "stage", finding: "a page is settled without readings while no other was paid" };
  return findTooEarly("settled without readings", moment, VOID_AFTER_SECONDS);
}

/**
 * What was reserved is given back once delivery is over when the clearing was not finished, else 14 days later
 * (docs/decisions/009). Null when it is so.
 */
export function findReturnTimeFault({
  isCleared,
  ...moment
}: Moment & { readonly isCleared: boolean }): TimingFault | null {
  return findTooEarly("given back", moment, isCleared ? VOID_AFTER_SECONDS : 0);
}

function findTooEarly(
  deed: string,
  { timestamp, intervalId, terms }: Moment,
  delaySeconds: number,
): TimingFault | null {
  const allowedAt = endsAt(intervalId, terms.intervalSeconds) + delaySeconds;
  if (timestamp >= allowedAt) return null;
  return { rule: "tooEarlyToVoid", finding: `${deed} at ${timestamp} s, before ${allowedAt} s` };
}
