import { gateClosesAt } from "#domains/pool/rules/area.ts";
import { MAX_SEQUENCE } from "#domains/pool/rules/order.ts";
import type { Side } from "#kernel/auction/order.ts";
import { endsAt, intervalAt, startsAt } from "#kernel/units/interval.ts";
import { type Terms, termsFor } from "../areas.ts";
import type { Order } from "./OrderState.tsx";

/** An interval that orders can still be sent for; times by the market's clock. */
export type OpenInterval = {
  readonly intervalId: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly gateClosesAt: number;
};

/** A version of an area's rules, as far as it says when gates close. */
type Rhythm = Pick<Terms, "fromInterval" | "intervalSeconds" | "gateClosureSeconds">;

/** Intervals that are offered: half a day of quarter-hours. */
const OFFERED_INTERVALS = 48;
/** The default leaves at least so many gates to close before its own. */
const LEAST_LEAD = 4;
/** Real seconds that a person needs to confirm in a wallet of their own; a key of the demonstration signs at once. */
const OWN_WALLET_SECONDS = 40;
const DEMONSTRATION_SECONDS = 4;
/** A gate closes an hour before delivery at the most: so far ahead lies the last interval whose gate can be closed. */
const LONGEST_CLOSURE_SECONDS = 3_600;

/** The next intervals whose gate is open, the soonest first; an area's intervals are of one length in all versions. */
export function openIntervals(now: number, versions: readonly Rhythm[]): OpenInterval[] {
  const { intervalSeconds } = termsFor(versions, 0);
  const first = intervalAt(now, intervalSeconds) + 1;
  const closed = Math.ceil(LONGEST_CLOSURE_SECONDS / intervalSeconds);
  return Array.from({ length: OFFERED_INTERVALS + closed }, (_, i) => intervalFrom(first + i, versions))
    .filter(({ gateClosesAt }) => now < gateClosesAt)
    .slice(0, OFFERED_INTERVALS);
}

/** An interval with its times. */
export function intervalFrom(intervalId: number, versions: readonly Rhythm[]): OpenInterval {
  const rhythm = termsFor(versions, intervalId);
  const { intervalSeconds } = rhythm;
  return {
    intervalId,
    startsAt: startsAt(intervalId, intervalSeconds),
    endsAt: endsAt(intervalId, intervalSeconds),
    gateClosesAt: gateClosesAt(intervalId, rhythm),
  };
}

/** How many open intervals to pass over, so that the gate is still open when the order has been signed. */
export function leadOf({
  speed,
  intervalSeconds,
  isDemonstrationKey,
}: {
  /** Market seconds in a real second. */
  speed: number;
  intervalSeconds: number;
  isDemonstrationKey: boolean;
}): number {
  const signingSeconds = isDemonstrationKey ? DEMONSTRATION_SECONDS : OWN_WALLET_SECONDS;
  const lead = Math.ceil((signingSeconds * speed) / intervalSeconds);
  return Math.min(Math.max(lead, LEAST_LEAD), OFFERED_INTERVALS - 1);
}

/**
 * A sequence that no open order of the member for this interval, side and price has: the highest, since agents count from
 * zero. Null when there is none.
 */
export function freeSequence(
  orders: readonly Order[],
  wish: { areaId: number; member: number; intervalId: number; side: Side; limitPriceMicroPerKwh: number },
): number | null {
  const taken = new Set(
    orders
      .filter(({ areaId, member }) => areaId === wish.areaId && member === wish.member)
      .filter(({ intervalId, side }) => intervalId === wish.intervalId && side === wish.side)
      .filter(({ limitPriceMicroPerKwh }) => Number(limitPriceMicroPerKwh) === wish.limitPriceMicroPerKwh)
      .map(({ sequence }) => sequence),
  );
  for (let sequence = MAX_SEQUENCE; sequence >= 0; sequence -= 1) if (!taken.has(sequence)) return sequence;
  return null;
}
