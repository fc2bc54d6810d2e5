import { buildBook } from "#kernel/auction/book.ts";
import { clearBook } from "#kernel/auction/clearing.ts";
import type { Order, Pricing } from "#kernel/auction/order.ts";
import { participantTotals, remainderMicro } from "#kernel/auction/payments.ts";
import { pairTrades } from "#kernel/auction/trades.ts";
import { present } from "#kernel/units/assert.ts";
import { type DischargeCosts, dischargeCostMicroPerKwh } from "./wear.ts";

/** A vehicle that gives energy which it can spare until it leaves; it asks its reserve, or `askMicroPerKwh` where that is more. */
export type VehicleSeller = DischargeCosts & {
  readonly vehicle: number;
  readonly spareWh: number;
  readonly askMicroPerKwh: bigint;
};

/** A vehicle that takes energy from another; it pays less than the market, and at most `limitMicroPerKwh`. */
export type VehicleBuyer = {
  readonly vehicle: number;
  readonly wantedWh: number;
  readonly limitMicroPerKwh: bigint;
};

/**
 * @property offPeakMicroPerKwh tariffs outside the peak: a seller charges again at the highest of them, at worst
 * @property marketMicroPerKwh what a buyer pays without another vehicle
 * @property businessHours seconds of the day within which vehicles trade
 */
export type VehicleMarket = {
  readonly offPeakMicroPerKwh: readonly bigint[];
  readonly marketMicroPerKwh: bigint;
  readonly businessHours: { readonly from: number; readonly until: number };
  readonly pricing: Pricing;
};

export type VehicleTrade = {
  readonly buyer: number;
  readonly seller: number;
  readonly energyWh: number;
  readonly priceMicroPerKwh: number;
};

/** Why a vehicle's wish did not come to the auction. */
export type VehicleRefusal = {
  readonly vehicle: number;
  readonly reason: "outsideBusinessHours" | "nothingToTrade" | "reserveNotBelowMarket";
};

/** What vehicles traded; what they pay is positive, and sums with the remainder of rounding to nothing. */
export type VehicleTrades = {
  readonly trades: readonly VehicleTrade[];
  readonly paymentMicro: ReadonlyMap<number, bigint>;
  readonly remainderMicro: bigint;
  readonly refused: readonly VehicleRefusal[];
};

/**
 * Trades energy between vehicles during business hours by the double auction (R5.48). A seller asks at least what it costs to
 * charge again outside the peak, with the losses of the round trip and the wear (AMB-13), a buyer bids less than the market's price: each
 * trade's price is at or above the seller's reserve, and below the market's.
 */
export function tradeBetweenVehicles(
  {
    sellers,
    buyers,
  }: { readonly sellers: readonly VehicleSeller[]; readonly buyers: readonly VehicleBuyer[] },
  market: VehicleMarket,
  secondOfDay: number,
): VehicleTrades {
  const { from, until } = market.businessHours;
  const isOpen = secondOfDay >= from && secondOfDay < until;
  const offers = sellers.map((seller) => (isOpen ? offerOf(seller, market) : closed(seller)));
  const bids = buyers.map((buyer) => (isOpen ? bidOf(buyer, market) : closed(buyer)));
  const wishes = [...bids, ...offers];
  const book = buildBook(wishes.flatMap((wish) => ("reason" in wish ? [] : [wish])));
  const clearing = clearBook(book, market.pricing);
  const paired = pairTrades(book, clearing);
  const totals = participantTotals(book, clearing);
  return {
    trades: Array.from(paired.quantity, (energyWh, i) => ({
      buyer: present(book.bids.participant[present(paired.bid[i], "a trade's bid")], "a buyer"),
      seller: present(book.offers.participant[present(paired.offer[i], "a trade's offer")], "a seller"),
      energyWh,
      priceMicroPerKwh: present(paired.priceMicroPerThousand[i], "a trade's price"),
    })),
    paymentMicro: new Map(Array.from(totals, ([vehicle, { paymentMicro }]) => [vehicle, paymentMicro])),
    remainderMicro: remainderMicro(totals),
    refused: wishes.flatMap((wish) => ("reason" in wish ? [wish] : [])),
  };
}

/** The least that a seller takes for a kWh, micro (AMB-13). */
export function sellerReserveMicroPerKwh(
  costs: DischargeCosts,
  offPeakMicroPerKwh: readonly bigint[],
): bigint {
  const highest = offPeakMicroPerKwh.reduce(greater);
  return dischargeCostMicroPerKwh(highest, costs);
}

type Wish = Order<number> | VehicleRefusal;

function offerOf(seller: VehicleSeller, { offPeakMicroPerKwh, marketMicroPerKwh }: VehicleMarket): Wish {
  const { vehicle, spareWh, askMicroPerKwh } = seller;
  if (spareWh <= 0) return { vehicle, reason: "nothingToTrade" };
  const reserve = sellerReserveMicroPerKwh(seller, offPeakMicroPerKwh);
  if (reserve >= marketMicroPerKwh) return { vehicle, reason: "reserveNotBelowMarket" };
  const limit = greater(askMicroPerKwh, reserve);
  return order("offer", { vehicle, energyWh: spareWh, limit });
}

function bidOf(
  { vehicle, wantedWh, limitMicroPerKwh }: VehicleBuyer,
  { marketMicroPerKwh }: VehicleMarket,
): Wish {
  if (wantedWh <= 0) return { vehicle, reason: "nothingToTrade" };
  const limit = limitMicroPerKwh < marketMicroPerKwh ? limitMicroPerKwh : marketMicroPerKwh - 1n;
  return order("bid", { vehicle, energyWh: wantedWh, limit });
}

function closed({ vehicle }: { readonly vehicle: number }): VehicleRefusal {
  return { vehicle, reason: "outsideBusinessHours" };
}

function order(
  side: "bid" | "offer",
  {
    vehicle,
    energyWh,
    limit,
  }: { readonly vehicle: number; readonly energyWh: number; readonly limit: bigint },
): Order<number> {
  return {
    side,
    participant: vehicle,
    quantity: energyWh,
    limitPriceMicroPerThousand: Number(limit),
    sequence: 0,
  };
}

function greater(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
