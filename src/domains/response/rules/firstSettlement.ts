import { buildBook } from "#kernel/auction/book.ts";
import { clearUniformPrice } from "#kernel/auction/clearing.ts";
import type { Order } from "#kernel/auction/order.ts";
import { assert } from "#kernel/units/assert.ts";
import { type DrPrice, drPriceOf } from "./drPrice.ts";
import { priceBounds, type SlotBid, type SlotTerms, sumWh } from "./slotBid.ts";

/**
 * What the first settlement comes to: the two prices that go to every account (R7.14).
 *
 * @property priceMicroPerKwh π, the one price of the slot
 * @property crossedWh energy up to the intersection of demand and capacity; 0 where they do not meet
 * @property cappedBids bids whose price was above upstream's, and counts as that (E7.4)
 */
export type FirstSettlement = DrPrice & {
  readonly demandWh: number;
  readonly capacityWh: number;
  readonly priceMicroPerKwh: number;
  readonly crossedWh: number;
  readonly cappedBids: number;
};

/**
 * Demands in falling, capacities in rising order of price; their intersection gives π, the midpoint of the last pair (R7.11, AMB-15).
 * Where they do not meet, π is the upper bound when demand exceeds capacity, the lower one otherwise. Prices outside the
 * bounds count as the nearer bound.
 */
export function settleFirst(bids: readonly SlotBid[], terms: SlotTerms): FirstSettlement {
  const bounds = priceBounds(terms);
  const within = (price: number) =>
    Math.min(Math.max(price, bounds.lowestMicroPerKwh), bounds.highestMicroPerKwh);
  const [demandWh, capacityWh] = [sumWh(bids, "demandWh"), sumWh(bids, "capacityWh")];
  const { clearingPriceMicroPerThousand, clearedQuantity } = clearUniformPrice(
    buildBook(bids.flatMap((bid) => ordersOf(bid, within(bid.priceMicroPerKwh)))),
  );
  const scarcityPrice = demandWh > capacityWh ? bounds.highestMicroPerKwh : bounds.lowestMicroPerKwh;
  const priceMicroPerKwh = clearingPriceMicroPerThousand ?? scarcityPrice;
  const { upstreamMicroPerKwh, alphaPermille } = terms;
  return {
    demandWh,
    capacityWh,
    priceMicroPerKwh,
    crossedWh: clearedQuantity,
    cappedBids: bids.filter(({ priceMicroPerKwh: price }) => price > upstreamMicroPerKwh).length,
    ...drPriceOf({ demandWh, capacityWh, priceMicroPerKwh, upstreamMicroPerKwh, alphaPermille }),
  };
}

function ordersOf(
  { member, demandWh, capacityWh }: SlotBid,
  limitPriceMicroPerThousand: number,
): Order<number>[] {
  assert(Number.isInteger(limitPriceMicroPerThousand), `member ${member} bids no whole micro per kWh`);
  const order = { participant: member, limitPriceMicroPerThousand, sequence: 0 };
  return [
    ...(demandWh > 0 ? [{ ...order, side: "bid", quantity: demandWh } as const] : []),
    ...(capacityWh > 0 ? [{ ...order, side: "offer", quantity: capacityWh } as const] : []),
  ];
}
