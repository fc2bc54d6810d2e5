import { midpoint } from "#kernel/auction/clearing.ts";
import type { Pricing, Side } from "#kernel/auction/order.ts";
import type { DeclaredOutcome } from "./clearingPlan.ts";
import { type EnergyRationing, grantedWh } from "./energyRationing.ts";
import { mergePositions } from "./mergePositions.ts";
import type { Order } from "./order.ts";
import type { MemberPosition } from "./positionWord.ts";

/** Orders of the steps so far, each side in merit order; a step never parts the orders of one member at one price. */
type OrdersSoFar = { readonly bids: readonly Order<number>[]; readonly offers: readonly Order<number>[] };

/**
 * What members traded in the first steps of a clearing that has more to come, by rising member. What each order gets
 * follows from what the operator declared, true or not, and the contract reserves money for it before the whole book is there:
 * with one price an order counts in its own step, with midpoint pricing a trade counts where its later order comes in.
 */
export function positionsSoFar({
  bids,
  offers,
  outcome,
  pricing,
}: OrdersSoFar & { outcome: DeclaredOutcome; pricing: Pricing }): readonly MemberPosition[] {
  const price = outcome.clearedWh === 0 ? 0 : outcome.localPrice;
  const bought = fillsOf("bid", bids, { marginalPrice: outcome.marginalBid, rationing: outcome.bids });
  const sold = fillsOf("offer", offers, { marginalPrice: outcome.marginalOffer, rationing: outcome.offers });
  const trades =
    pricing === "midpoint"
      ? pairFills(bought, sold)
      : [...bought, ...sold].map((fill) => positionOf(fill, fill.energyWh, price));
  return [...mergePositions(trades).values()];
}

/** Energy that an order gets, or all of a member's at the marginal price; above 0. */
type Fill = {
  readonly side: Side;
  readonly member: number;
  readonly limitPriceMicroPerKwh: number;
  readonly energyWh: number;
};

type Declared = { readonly marginalPrice: number; readonly rationing: EnergyRationing };

/** Orders better than the marginal price get all; those at it together what the declared rationing gives their member. */
function fillsOf(
  side: Side,
  orders: readonly Order<number>[],
  { marginalPrice, rationing }: Declared,
): Fill[] {
  // Where nothing is declared to be filled at the margin, the contract fills nothing that is better either.
  if (rationing.filledWh === 0) return [];
  const fills: Fill[] = [];
  const claims = new Map<number, number>();
  for (const { participant: member, limitPriceMicroPerKwh, energyWh } of orders) {
    const ahead =
      side === "bid" ? limitPriceMicroPerKwh - marginalPrice : marginalPrice - limitPriceMicroPerKwh;
    if (ahead > 0) fills.push({ side, member, limitPriceMicroPerKwh, energyWh });
    if (ahead === 0) claims.set(member, (claims.get(member) ?? 0) + energyWh);
  }
  const atMargin = [...claims].map(([member, claimWh]) => ({
    side,
    member,
    limitPriceMicroPerKwh: marginalPrice,
    energyWh: Number(grantedWh(member, BigInt(claimWh), rationing)),
  }));
  return [...fills, ...atMargin.filter(({ energyWh }) => energyWh > 0)];
}

/** Both sides' fills laid end to end, as far as both reach. */
function pairFills(bids: readonly Fill[], offers: readonly Fill[]): MemberPosition[] {
  const positions: MemberPosition[] = [];
  let [i, j, bidDoneWh, offerDoneWh] = [0, 0, 0, 0];
  for (;;) {
    const [bid, offer] = [bids[i], offers[j]];
    if (!bid || !offer) return positions;
    const [bidLeftWh, offerLeftWh] = [bid.energyWh - bidDoneWh, offer.energyWh - offerDoneWh];
    const tradedWh = Math.min(bidLeftWh, offerLeftWh);
    const price = midpoint(bid.limitPriceMicroPerKwh, offer.limitPriceMicroPerKwh);
    positions.push(positionOf(bid, tradedWh, price), positionOf(offer, tradedWh, price));
    [i, bidDoneWh] = tradedWh === bidLeftWh ? [i + 1, 0] : [i, bidDoneWh + tradedWh];
    [j, offerDoneWh] = tradedWh === offerLeftWh ? [j + 1, 0] : [j, offerDoneWh + tradedWh];
  }
}

function positionOf({ side, member }: Fill, tradedWh: number, priceMicroPerKwh: number): MemberPosition {
  const energyWh = BigInt(tradedWh);
  const amount = energyWh * BigInt(priceMicroPerKwh);
  return side === "bid"
    ? { member, side, boughtWh: energyWh, soldWh: 0n, exactPayment: amount }
    : { member, side, boughtWh: 0n, soldWh: energyWh, exactPayment: -amount };
}
