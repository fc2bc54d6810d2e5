import type { Pricing } from "#kernel/auction/order.ts";
import { intervalAt, startsAt } from "#kernel/units/interval.ts";

/** Number of a period: ⌊unix seconds / length⌋, like an interval's; the area's intervals part it. */
export type PeriodId = number;

/**
 * When what happens, in seconds after the period before delivery began (R9.3): 18:00 is the start for a delivery from 18:30.
 *
 * @property periodSeconds length of a period; a whole number of the area's intervals, of which a day has a whole number
 * @property demandSeconds demands are taken until then
 * @property allocationSeconds the margin is divided until then
 * @property orderSeconds bids and offers are taken until then
 * @property clearingSeconds the auction is cleared until then; what is not cleared by then stays as it was allocated
 */
export type QuotaTimes = {
  readonly periodSeconds: number;
  readonly demandSeconds: number;
  readonly allocationSeconds: number;
  readonly orderSeconds: number;
  readonly clearingSeconds: number;
};

/**
 * The rules of an area's quotas, one version of them. Prices of quota are micro per kW and period, E9.10.
 *
 * @property ratingW of the transformer that the stations share
 * @property penaltyPermille of the tariff, for each kWh above the quota
 */
export type QuotaTerms = QuotaTimes & {
  readonly ratingW: number;
  readonly floorMicroPerKw: number;
  readonly ceilingMicroPerKw: number;
  readonly penaltyPermille: number;
  readonly pricing: Pricing;
};

/** The book's times: 48 periods a day, 5, 2, 3 and 5 minutes for the steps before delivery (R9.2, R9.3). */
export const BOOK_TIMES: QuotaTimes = {
  periodSeconds: 1_800,
  demandSeconds: 300,
  allocationSeconds: 420,
  orderSeconds: 600,
  clearingSeconds: 900,
};

const DAY_SECONDS = 86_400;

/** The seconds at which the windows of a period's quotas open and close, unix; each window ends where the next begins. */
export type Windows = {
  readonly opensAt: number;
  readonly demandEndsAt: number;
  readonly allocationEndsAt: number;
  readonly ordersEndAt: number;
  readonly clearingEndsAt: number;
  readonly startsAt: number;
  readonly endsAt: number;
};

/** The windows of a period's quotas, which are set during the period before it (R9.2). */
export function windowsOf(period: PeriodId, times: QuotaTimes): Windows {
  const opensAt = startsAt(period - 1, times.periodSeconds);
  return {
    opensAt,
    demandEndsAt: opensAt + times.demandSeconds,
    allocationEndsAt: opensAt + times.allocationSeconds,
    ordersEndAt: opensAt + times.orderSeconds,
    clearingEndsAt: opensAt + times.clearingSeconds,
    startsAt: opensAt + times.periodSeconds,
    endsAt: opensAt + 2 * times.periodSeconds,
  };
}

/** The area's intervals within a period, in order. */
export function intervalsOfPeriod(
  period: PeriodId,
  { periodSeconds, intervalSeconds }: { readonly periodSeconds: number; readonly intervalSeconds: number },
): readonly number[] {
  const first = intervalAt(startsAt(period, periodSeconds), intervalSeconds);
  return Array.from({ length: periodSeconds / intervalSeconds }, (_, i) => first + i);
}

/** Which period of its day a period is, from 0 at midnight, where clocks are `utcOffsetSeconds` ahead of UTC. */
export function periodOfDay(
  period: PeriodId,
  { periodSeconds, utcOffsetSeconds }: { readonly periodSeconds: number; readonly utcOffsetSeconds: number },
): number {
  const second = startsAt(period, periodSeconds) + utcOffsetSeconds;
  return Math.floor((((second % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS) / periodSeconds);
}
