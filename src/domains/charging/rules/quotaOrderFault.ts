import type { Order } from "#kernel/auction/order.ts";
import { microRoundingUp } from "#kernel/units/money.ts";
import { type ChargingPrices, depositNeededMicro } from "./charges.ts";

/** Why a station's orders of a period do not stand, beside what the kernel's admission asks of any order. */
export type QuotaOrderFault = "noDemand" | "sellsMoreThanQuota" | "aboveCapacity" | "bidNotCovered";

/** What is known of a station when its orders come in. */
export type StationStanding = {
  readonly demandW: number;
  readonly quotaW: number;
  readonly capacityW: number;
  readonly depositMicro: bigint;
  readonly prices: ChargingPrices;
  readonly periodSeconds: number;
};

/**
 * Judges all orders of one station for a period together (R9.7): it demanded, it sells no more than its quota, what it buys fits
 * its connection, and its deposit covers its bids at their limits. Null when they stand.
 */
export function quotaOrderFault(
  orders: readonly Order<number>[],
  station: StationStanding,
): QuotaOrderFault | null {
  if (station.demandW === 0) return "noDemand";
  const bids = orders.filter(({ side }) => side === "bid");
  const boughtW = bids.reduce((sum, { quantity }) => sum + quantity, 0);
  const soldW = orders.reduce((sum, { side, quantity }) => sum + (side === "offer" ? quantity : 0), 0);
  if (soldW > station.quotaW) return "sellsMoreThanQuota";
  const quotaW = station.quotaW + boughtW;
  if (boughtW > 0 && quotaW > station.capacityW) return "aboveCapacity";
  const auctionMicro = bids.reduce((sum, bid) => sum + bidMicro(bid), 0n);
  const needed = depositNeededMicro({ ...station, quotaW, auctionMicro });
  return needed > station.depositMicro ? "bidNotCovered" : null;
}

/** The most that a bid can cost, in micro, rounded up. */
export function bidMicro({
  quantity,
  limitPriceMicroPerThousand,
}: Pick<Order, "quantity" | "limitPriceMicroPerThousand">): bigint {
  return microRoundingUp(BigInt(quantity) * BigInt(Math.max(0, limitPriceMicroPerThousand)));
}
