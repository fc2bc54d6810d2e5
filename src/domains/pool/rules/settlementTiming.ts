import { endsAt } from "#kernel/units/interval.ts";

/** What is wrong with when money left escrow. */
export type TimingFault = {
  readonly rule:
    | "deliveryNotOver"
    | "readingMissing"
    | "readingWithheld"
    | "tooEarlyToReturn"
    | "readingsPresent";
  readonly finding: string;
};

/** When something happened to an interval of an area, unix s. */
type Moment = {
  readonly timestamp: number;
  readonly intervalId: number;
  readonly area: { readonly intervalSeconds: number; readonly waitingSeconds: number };
};

/** So long after the waiting time, money comes out though nobody can open what is published. */
export const LAST_RESORT_SECONDS = 14 * 86_400;

/** When a reading of the interval is not waited for any longer, unix s: without one a member counts as zero. */
export function waitedUntil(intervalId: number, { intervalSeconds, waitingSeconds }: Moment["area"]): number {
  return endsAt(intervalId, intervalSeconds) + waitingSeconds;
}

/**
 * A page is settled once delivery is over; with a member that has no reading, once the waiting time is over too; without any
 * reading opened, 14 days later and only beside a page that was paid. Null when it is so.
 */
export function findSettlementTimeFault({
  missing,
  isWithheld,
  isAnotherPaid,
  ...moment
}: Moment & {
  /** Positions without a reading. */
  readonly missing: number;
  readonly isWithheld: boolean;
  readonly isAnotherPaid: boolean;
}): TimingFault | null {
  const { timestamp, intervalId, area } = moment;
  const overAt = endsAt(intervalId, area.intervalSeconds);
  if (timestamp < overAt)
    return {
      rule: "deliveryNotOver",
      finding: `settled at ${timestamp} s, before delivery was over at ${overAt} s`,
    };
  const waited = waitedUntil(intervalId, area);
  if (missing > 0 && timestamp < waited)
    return {
      rule: "readingMissing",
      finding: `settled at ${timestamp} s with ${missing} readings missing, which are waited for until ${waited} s`,
    };
  if (!isWithheld || (isAnotherPaid && timestamp >= waited + LAST_RESORT_SECONDS)) return null;
  return { rule: "readingWithheld", finding: "a page is settled without the readings that are published" };
}

/**
 * What an abandoned clearing reserved is given back at any time; of a complete one once readings are not waited for any
 * longer and none is published, or 14 days after that. Null when it is so.
 */
export function findReturnTimeFault({
  isAbandoned,
  isPublished,
  ...moment
}: Moment & { readonly isAbandoned: boolean; readonly isPublished: boolean }): TimingFault | null {
  if (isAbandoned) return null;
  const { timestamp, intervalId, area } = moment;
  const waited = waitedUntil(intervalId, area);
  if (timestamp < waited)
    return {
      rule: "tooEarlyToReturn",
      finding: `given back at ${timestamp} s, before ${waited} s`,
    };
  if (!isPublished || timestamp >= waited + LAST_RESORT_SECONDS) return null;
  return { rule: "readingsPresent", finding: "given back though readings are published" };
}
