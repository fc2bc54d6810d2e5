import type { Order } from "#kernel/auction/order.ts";
import { byNeed, type PricedWish, tradeWishes, wishesOf } from "#world/stations/powerWishes.ts";
import { INTERVAL_SECONDS, INTERVALS_A_PERIOD, PERIOD_SECONDS } from "./chargingDay.ts";
import type { Ongoing } from "./ongoing.ts";

const PERIOD_HOURS = PERIOD_SECONDS / 3_600;

/**
 * What the vehicles of a station have use for in the next period, by what it is worth in micro tokens a kW and period: that of its
 * energy to the driver, where it is needed now. Dearest first.
 *
 * @param interval the first of the next period; `leftWh` is what each will lack then
 */
export function powerWishes(
  vehicles: readonly Pick<Ongoing, "vehicle" | "leftWh">[],
  interval: number,
): PricedWish[] {
  const wishes = vehicles.flatMap(({ vehicle, leftWh }) => {
    const { from, until, mostW, leastW, valueMicroPerKwh } = vehicle;
    const laterSeconds = Math.max(0, until - interval - INTERVALS_A_PERIOD) * INTERVAL_SECONDS;
    const presentFrom = Math.max(interval, from);
    const presentUntil = Math.min(until, interval + INTERVALS_A_PERIOD);
    const presentSeconds = (presentUntil - presentFrom) * INTERVAL_SECONDS;
    const lacking = { leftWh, mostW, leastW, presentSeconds, laterSeconds };
    return wishesOf(lacking, PERIOD_SECONDS).map(({ powerW, isNeeded, worth }) => ({
      ...{ powerW, isNeeded },
      priceMicroPerKw: Math.round(valueMicroPerKwh * PERIOD_HOURS * worth),
    }));
  });
  return wishes.sort(byNeed);
}

/** Orders of one station at most: the dearest, as many as there are sequence numbers. */
const MOST_ORDERS = 256;

/**
 * A station's orders for its quota (`tradeWishes`).
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
  readonly wishes: readonly PricedWish[];
}): Order<number>[] {
  const place = {
    availableW: Math.max(0, quotaW - keptW),
    roomW: Number.POSITIVE_INFINITY,
    floorMicroPerKw: 0,
  };
  return tradeWishes(wishes, place)
    .slice(0, MOST_ORDERS)
    .map(({ side, powerW, priceMicroPerKw }, sequence) => ({
      ...{ side, sequence, participant: station, quantity: powerW },
      limitPriceMicroPerThousand: priceMicroPerKw,
    }));
}
