import type { Order } from "#domains/pool/rules/order.ts";
import type { Side } from "#kernel/auction/order.ts";
import { bidLimit, offerLimit, type PriceRange, roundBid, roundOffer } from "./bidding.ts";

/** Energies below this are not worth an order, Wh. */
const SMALLEST_ORDER_WH = 1;

/**
 * What a home knows when it decides its orders for one interval. Energies are whole Wh over the interval.
 *
 * @property surplusWh expected PV less load, signed
 * @property chargeableWh what its battery could take, 0 without one
 * @property dischargeableWh what its battery could give
 * @property sellableWh the part of `dischargeableWh` above what it keeps for itself
 * @property storageValueMicroPerKwh what a kWh put into the battery now is worth, at the meter
 * @property releaseCostMicroPerKwh what a kWh taken out of the battery now costs, at the meter
 */
export type HomeView = {
  readonly member: number;
  readonly range: PriceRange;
  readonly gridFeeMicroPerKwh: number;
  readonly reach: number;
  readonly buyingExperience: number;
  readonly sellingExperience: number;
  readonly expectedPriceMicroPerKwh: number;
  readonly surplusWh: number;
  readonly chargeableWh: number;
  readonly dischargeableWh: number;
  readonly sellableWh: number;
  readonly storageValueMicroPerKwh: number;
  readonly releaseCostMicroPerKwh: number;
};

/**
 * Decides the orders of one home, appends them to `orders`, and gives back the main one: what the home wants traded
 * first, signed (positive buys), 0 without an order. A home never has orders on both sides (`docs/model/bidding.md`).
 */
export function quoteHome(view: HomeView, orders: Order<number>[]): number {
  if (view.surplusWh >= SMALLEST_ORDER_WH) return offerSurplus(view, orders);
  const deficitWh = Math.max(0, -view.surplusWh);
  const isCheap =
    view.chargeableWh > 0 &&
    view.expectedPriceMicroPerKwh + view.gridFeeMicroPerKwh <= view.storageValueMicroPerKwh;
  return isCheap ? bidAndCharge(view, deficitWh, orders) : coverAndRelease(view, deficitWh, orders);
}

/** What fits the battery is sold only at what storing it is worth; the rest at the home's own offer. */
function offerSurplus(view: HomeView, orders: Order<number>[]): number {
  const { range, storageValueMicroPerKwh } = view;
  const freePrice = offerLimit(range, view.reach, view.sellingExperience);
  const isStoringWorthIt = storageValueMicroPerKwh > range.lowestMicroPerKwh;
  const keptWh = isStoringWorthIt ? Math.min(view.surplusWh, view.chargeableWh) : 0;
  const freeWh = view.surplusWh - keptWh;
  if (freeWh >= SMALLEST_ORDER_WH) append(orders, view, "offer", freeWh, freePrice, 0);
  if (keptWh >= SMALLEST_ORDER_WH && storageValueMicroPerKwh <= range.highestMicroPerKwh) {
    const keptPrice = roundOffer(Math.max(freePrice, storageValueMicroPerKwh), range);
    append(orders, view, "offer", keptWh, keptPrice, 1);
  }
  return freeWh >= SMALLEST_ORDER_WH ? -freeWh : 0;
}

/** In a cheap hour the battery rests: load is bought, and energy for later at what it will be worth. */
function bidAndCharge(view: HomeView, deficitWh: number, orders: Order<number>[]): number {
  const { range } = view;
  if (deficitWh >= SMALLEST_ORDER_WH)
    append(orders, view, "bid", deficitWh, bidLimit(range, view.reach, view.buyingExperience), 0);
  const chargingPrice = view.storageValueMicroPerKwh - view.gridFeeMicroPerKwh;
  if (chargingPrice >= range.lowestMicroPerKwh)
    append(orders, view, "bid", view.chargeableWh, roundBid(chargingPrice, range), 1);
  return deficitWh;
}

/** In a dear hour the battery covers the home first; what is left buys, or sells. */
function coverAndRelease(view: HomeView, deficitWh: number, orders: Order<number>[]): number {
  const { range, releaseCostMicroPerKwh } = view;
  const restWh = deficitWh - Math.min(deficitWh, view.dischargeableWh);
  if (restWh >= SMALLEST_ORDER_WH) {
    append(orders, view, "bid", restWh, bidLimit(range, view.reach, view.buyingExperience), 0);
    return restWh;
  }
  const spareWh = Math.min(view.dischargeableWh - deficitWh, view.sellableWh - deficitWh);
  if (spareWh < SMALLEST_ORDER_WH || releaseCostMicroPerKwh > range.highestMicroPerKwh) return 0;
  append(orders, view, "offer", spareWh, roundOffer(releaseCostMicroPerKwh, range), 0);
  return -spareWh;
}

function append(
  orders: Order<number>[],
  view: HomeView,
  side: Side,
  energyWh: number,
  limitPriceMicroPerKwh: number,
  sequence: number,
): void {
  orders.push({ participant: view.member, side, energyWh, limitPriceMicroPerKwh, sequence });
}
