import { gateClosesAt } from "#domains/pool/rules/area.ts";
import type { Side } from "#kernel/auction/order.ts";
import { endsAt, intervalAt, startsAt } from "#kernel/units/interval.ts";
import type { Order } from "./OrderState.tsx";

/** An interval that orders can still be sent for; times by the market's clock. */
export type OpenInterval = {
  readonly intervalId: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly gateClosesAt: number;
};

type Rhythm = { readonly intervalSeconds: number; readonly gateClosureSeconds: number };

/** Intervals that are offered: half a day of quarter-hours. */
const OFFERED_INTERVALS = 48;
/** The default leaves at least so many gates to close before its own. */
const LEAST_LEAD = 4;
/** Real seconds that a person needs to confirm in a wallet of their own; a key of the demonstration signs at once. */
const OWN_WALLET_SECONDS = 40;
const DEMONSTRATION_SECONDS = 4;
const MAX_SEQUENCE = 255;

/** The next intervals whose gate is open, the soonest first. */
export function openIntervals(now: number, rhythm: Rhythm): OpenInterval[] {
  const first = intervalAt(now + rhythm.gateClosureSeconds, rhythm.intervalSeconds) + 1;
  return Array.from({ length: OFFERED_INTERVALS }, (_, i) => intervalFrom(first + i, rhythm));
}

/** An interval with its times. */
export function intervalFrom(intervalId: number, rhythm: Rhythm): OpenInterval {
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

/** A sequence that no own open order of this interval, side and price has: the highest, since agents count from zero. */
export function freeSequence(
  orders: readonly Order[],
  wish: { intervalId: number; side: Side; limitPriceMicroPerKwh: number },
): number | null {
  const taken = new Set(
    orders
      .filter(({ intervalId, side }) => intervalId === wish.intervalId && side === wish.side)
      .filter(({ limitPriceMicroPerKwh }) => Number(limitPriceMicroPerKwh) === wish.limitPriceMicroPerKwh)
      .map(({ sequence }) => sequence),
  );
  for (let sequence = MAX_SEQUENCE; sequence >= 0; sequence -= 1) if (!taken.has(sequence)) return sequence;
  return null;
}
