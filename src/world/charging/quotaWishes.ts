import type { Order, Side } from "#kernel/auction/order.ts";
import { INTERVAL_HOURS, INTERVALS_A_PERIOD } from "./chargingDay.ts";
import { type Ongoing, usefulW } from "./ongoing.ts";

const PERIOD_HOURS = INTERVALS_A_PERIOD * INTERVAL_HOURS;
/** Who can wait so long is fully elastic, h. */
const PATIENT_HOURS = 4;

/**
 * Power that a vehicle has use for in the next period, and what having it there and then is worth.
 *
 * @property isNeeded without it the promise breaks, whatever comes later
 * @property priceMicroPerKw micro tokens a kW and period
 */
export type PowerWish = {
  readonly powerW: number;
  readonly isNeeded: boolean;
  readonly priceMicroPerKw: number;
};

/**
 * What the vehicles of a station have use for in the next period, by what it is worth: power without which a promise breaks at the worth of
 * its energy, other power at less, the longer the vehicle can wait after it (R9.7). Dearest first.
 *
 * @param interval the first of the next period; `leftWh` is what each will lack then
 */
export function powerWishes(
  vehicles: readonly Pick<Ongoing, "vehicle" | "leftWh">[],
  interval: number,
): PowerWish[] {
  const wishes = vehicles.flatMap((each): PowerWish[] => {
    const { vehicle, leftWh } = each;
    const laterHours = Math.max(0, vehicle.until - interval - INTERVALS_A_PERIOD) * INTERVAL_HOURS;
    const powerW = usefulW(each, PERIOD_HOURS);
    const neededWh = Math.max(0, leftWh - vehicle.mostW * laterHours);
    const neededW = Math.min(powerW, Math.ceil(neededWh / PERIOD_HOURS));
    const slackHours = Math.max(0, laterHours - leftWh / vehicle.mostW);
    const worth = vehicle.valueMicroPerKwh * PERIOD_HOURS;
    const urgency = Math.max(0, 1 - slackHours / PATIENT_HOURS);
    return [
      { powerW: neededW, isNeeded: true, priceMicroPerKw: Math.round(worth) },
      { powerW: powerW - neededW, isNeeded: false, priceMicroPerKw: Math.round(worth * urgency) },
    ];
  });
  return wishes
    .filter(({ powerW }) => powerW > 0)
    .sort(
      (one, other) =>
        Number(other.isNeeded) - Number(one.isNeeded) || other.priceMicroPerKw - one.priceMicroPerKw,
    );
}

/** Orders of one station at most: the dearest, as many as there are sequence numbers. */
const MOST_ORDERS = 256;

/**
 * A station's orders for its quota: bids for what its dearest wishes lack when something needed is among it, else offers of what it can
 * do without. One side, as the market asks (R9.7), and no more than its quota.
 *
 * @param keptW for those who may still come: neither offered nor bid for
 */
export function quotaOrders({
  station,
  quotaW,
  keptW,
  wishes,
}: {
  readonly station: number;
  readonly quotaW: number;
  readonly keptW: number;
  readonly wishes: readonly PowerWish[];
}): Order<number>[] {
  const [bids, offers]: [PowerWish[], PowerWish[]] = [[], []];
  let leftW = Math.max(0, quotaW - keptW);
  for (const wish of wishes) {
    const coveredW = Math.min(leftW, wish.powerW);
    leftW -= coveredW;
    if (wish.powerW > coveredW) bids.push({ ...wish, powerW: wish.powerW - coveredW });
    if (coveredW > 0 && !wish.isNeeded) offers.push({ ...wish, powerW: coveredW });
  }
  return bids.some(({ isNeeded }) => isNeeded)
    ? ordersOf("bid", station, bids)
    : ordersOf("offer", station, offers.reverse());
}

function ordersOf(side: Side, station: number, wishes: readonly PowerWish[]): Order<number>[] {
  return wishes.slice(0, MOST_ORDERS).map(({ powerW, priceMicroPerKw }, sequence) => ({
    side,
    participant: station,
    quantity: powerW,
    limitPriceMicroPerThousand: priceMicroPerKw,
    sequence,
  }));
}
