import type { Side } from "#kernel/auction/order.ts";

const SECONDS_PER_HOUR = 3_600;
/** Who can wait so long is fully elastic, h. */
const PATIENT_HOURS = 4;
/** A vehicle that lacks less is full: meters count whole Wh. */
export const FULL_WH = 1;

/**
 * What a vehicle lacks when a period begins.
 *
 * @property presentSeconds of the period in which it is there
 * @property laterSeconds that it stays after the period
 */
export type LackingVehicle = {
  readonly leftWh: number;
  readonly mostW: number;
  readonly leastW: number;
  readonly presentSeconds: number;
  readonly laterSeconds: number;
};

/**
 * Mean power that a vehicle has use for in a period, and what having it there and then is worth.
 *
 * @property isNeeded without it the promise breaks, whatever comes later
 * @property worth of its energy's, 0 to 1
 */
export type PowerWish = { readonly powerW: number; readonly isNeeded: boolean; readonly worth: number };

/**
 * What a vehicle has use for in a period: power without which its promise breaks at the whole worth of its energy, other power at less, the
 * longer it can wait after the period (R9.7). The one rule of elasticity, of depots as of drawn days.
 */
export function wishesOf(vehicle: LackingVehicle, periodSeconds: number): PowerWish[] {
  const { leftWh, mostW, leastW, presentSeconds, laterSeconds } = vehicle;
  if (leftWh < FULL_WH || presentSeconds <= 0) return [];
  const [hours, laterHours] = [presentSeconds / SECONDS_PER_HOUR, laterSeconds / SECONDS_PER_HOUR];
  const present = presentSeconds / periodSeconds;
  const powerW = Math.max(leastW, Math.ceil(Math.min(mostW * present, leftWh / hours)));
  const neededWh = Math.max(0, leftWh - mostW * laterHours);
  const neededW = Math.min(powerW, Math.ceil(neededWh / hours));
  const slackHours = Math.max(0, laterHours - leftWh / mostW);
  const wishes = [
    { powerW: neededW, isNeeded: true, worth: 1 },
    { powerW: powerW - neededW, isNeeded: false, worth: Math.max(0, 1 - slackHours / PATIENT_HOURS) },
  ];
  return wishes.filter((wish) => wish.powerW > 0);
}

/** @property priceMicroPerKw a kW and period */
export type PricedWish = Pick<PowerWish, "powerW" | "isNeeded"> & { readonly priceMicroPerKw: number };

/** Power that is bid for or offered, W. */
export type PricedPower = {
  readonly side: Side;
  readonly powerW: number;
  readonly priceMicroPerKw: number;
};

/** Needed power first, then the dearest. */
export function byNeed(one: PricedWish, other: PricedWish): number {
  return (
    Number(other.isNeeded) - Number(one.isNeeded) ||
    other.priceMicroPerKw - one.priceMicroPerKw ||
    other.powerW - one.powerW
  );
}

/**
 * A station's bids for all that its wishes lack when something needed is among it, else its offers of what it can do without: one side,
 * as the market asks (R9.7), and no more than its quota. What nobody has use for is offered at the floor.
 *
 * @param wishes as `byNeed` sorts them
 * @param availableW of the quota, for these wishes
 * @param roomW above the quota, as far as the connection carries it
 */
export function tradeWishes(
  wishes: readonly PricedWish[],
  {
    availableW,
    roomW,
    floorMicroPerKw,
  }: { readonly availableW: number; readonly roomW: number; readonly floorMicroPerKw: number },
): PricedPower[] {
  const [bids, offers]: [PricedPower[], PricedPower[]] = [[], []];
  let [leftW, bidForW, isShort] = [availableW, 0, false];
  for (const { powerW, isNeeded, priceMicroPerKw } of wishes) {
    const coveredW = Math.min(leftW, powerW);
    leftW -= coveredW;
    const lackingW = Math.min(powerW - coveredW, roomW - bidForW);
    bidForW += lackingW;
    if (lackingW > 0) {
      bids.push({ side: "bid", powerW: lackingW, priceMicroPerKw });
      isShort ||= isNeeded;
    }
    if (coveredW > 0 && !isNeeded) offers.push({ side: "offer", powerW: coveredW, priceMicroPerKw });
  }
  if (isShort) return bids;
  if (leftW > 0) offers.push({ side: "offer", powerW: leftW, priceMicroPerKw: floorMicroPerKw });
  return offers.reverse();
}
