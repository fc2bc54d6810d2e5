import { type SignedBook, sortByMerit } from "#domains/pool/rules/bookRoot.ts";
import { buildEnergyBook } from "#domains/pool/rules/energyBook.ts";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { clearBook } from "#kernel/auction/clearing.ts";
import type { Pricing, Side } from "#kernel/auction/order.ts";

/** An order that was left out of a clearing and bears on it; `position` counts from 1 on its side of the whole book. */
export type OmittedOrder = {
  readonly order: SignedOrder;
  readonly side: Side;
  readonly position: number;
  readonly finding: string;
};

/**
 * In the clearing of the whole book each order that was left out gets nothing, and is worse than the margin (R9.8); the
 * first that is not so, null when all are. `others` are the orders that were not submitted and that the market would
 * have taken.
 */
export function findOmittedOrder({
  submitted,
  others,
  pricing,
}: {
  submitted: SignedBook;
  others: readonly SignedOrder[];
  pricing: Pricing;
}): OmittedOrder | null {
  if (others.length === 0) return null;
  const left = new Set(others);
  const whole = sortByMerit([...submitted.bids, ...submitted.offers, ...others]);
  const clearing = clearBook(buildEnergyBook([...whole.bids, ...whole.offers]), pricing);
  const findOn = (orders: readonly SignedOrder[], fillWh: Uint32Array, marginalPrice: number | null) => {
    const i = orders.findIndex((order, at) => {
      const isNeeded = (fillWh[at] ?? 0) > 0 || order.limitPriceMicroPerKwh === marginalPrice;
      return isNeeded && left.has(order);
    });
    const order = orders[i];
    return order ? omitted(order, { position: i + 1, filledWh: fillWh[i] ?? 0 }) : null;
  };
  return (
    findOn(whole.bids, clearing.bidFills, clearing.marginalBidMicroPerThousand) ??
    findOn(whole.offers, clearing.offerFills, clearing.marginalOfferMicroPerThousand)
  );
}

function omitted(
  order: SignedOrder,
  { position, filledWh }: { position: number; filledWh: number },
): OmittedOrder {
  const { side, participant, energyWh } = order;
  const finding = `${side} ${position} of member ${participant} was left out of the clearing; with it, ${filledWh} of its ${energyWh} Wh trade`;
  return { order, side, position, finding };
}
