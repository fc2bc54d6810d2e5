import { midpoint } from "#kernel/auction/clearing.ts";
import type { Pricing, Side } from "#kernel/auction/order.ts";
import type { DeclaredOutcome } from "./clearingPlan.ts";
import type { EnergyRationing } from "./energyRationing.ts";
import { mergePositions } from "./mergePositions.ts";
import type { Order } from "./order.ts";
import type { MemberPosition } from "./positionWord.ts";

/** Orders of the steps so far, each side in merit order; a step never parts the orders of one member at one price. */
type OrdersSoFar = { readonly bids: readonly Order<number>[]; readonly offers: readonly Order<number>[] };

/**
 * What members traded in the first steps of a clearing that has more to come, by rising member. What each order gets
 * follows from what the operator declared, and the contract reserves money for it, before the whole book is there: with one
 * price an order counts in its own step, with midpoint pricing a trade counts where its later order comes in.
 */
export function positionsSoFar({
  bids,
  offers,
  outcome,
  pricing,
}: OrdersSoFar & { outcome: DeclaredOutcome; pricing: Pricing }): readonly MemberPosition[] {
  if (outcome.clearedWh === 0) return [];
  const bought = fillsOf("bid", bids, { marginalPrice: outcome.marginalBid, rationing: outcome.bids });
  const sold = fillsOf("offer", offers, { marginalPrice: outcome.marginalOffer, rationing: outcome.offers });
  const trades =
    pricing === "midpoint"
      ? pairFills(bought, sold)
      : [...bought, ...sold].map((fill) => positionOf(fill, fill.energyWh, outcome.localPrice));
  return [...mergePositions(trades).values()];
}

/** Energy that an order gets, above 0. */
type Fill = {
  readonly side: Side;
  readonly member: number;
  readonly limitPriceMicroPerKwh: number;
  readonly energyWh: number;
};

type Declared = { readonly marginalPrice: number; readonly rationing: EnergyRationing };

/** Orders better than the marginal price get all, those at it what the declared rationing gives their member. */
function fillsOf(
  side: Side,
  orders: readonly Order<number>[],
  { marginalPrice, rationing }: Declared,
): Fill[] {
  const ahead = ({ limitPriceMicroPerKwh: limit }: Order<number>) =>
    side === "bid" ? limit - marginalPrice : marginalPrice - limit;
  const claims = new Map<number, number>();
  for (const order of orders) {
    const { participant: member, energyWh } = order;
    if (ahead(order) === 0) claims.set(member, (claims.get(member) ?? 0) + energyWh);
  }
  const left = new Map(
    [...claims].map(([member, claimWh]) => [member, grantedWh(member, claimWh, rationing)]),
  );
  return orders.flatMap((order) => {
    const { participant: member, limitPriceMicroPerKwh } = order;
    if (ahead(order) < 0) return [];
    const leftWh = left.get(member) ?? 0;
    const energyWh = ahead(order) > 0 ? order.energyWh : Math.min(order.energyWh, leftWh);
    if (ahead(order) === 0) left.set(member, leftWh - energyWh);
    return energyWh === 0 ? [] : [{ side, member, limitPriceMicroPerKwh, energyWh }];
  });
}

/** A member's part of the energy at the marginal price (docs/model/clearing.md, equations 6 to 8). */
function grantedWh(member: number, claimWh: number, rationing: EnergyRationing): number {
  const { levelWh, filledWh, cutRemainder, cutParticipant } = rationing;
  const product = BigInt(claimWh) * BigInt(filledWh);
  const remainder = product % BigInt(levelWh);
  const isWithinCut = remainder === BigInt(cutRemainder) && member <= cutParticipant;
  const isRoundedUp = remainder > BigInt(cutRemainder) || isWithinCut;
  return Number(product / BigInt(levelWh)) + (isRoundedUp ? 1 : 0);
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
