import { assert, present } from "#kernel/units/assert.ts";
import type { Clearing } from "./clearing.ts";
import type { Order, Side } from "./order.ts";

/** An order of a cleared book, and what it got. */
export type FilledOrder = Order<number> & { readonly fill: number };

/**
 * What explains the orders of one price: the margins of a clearing, and orders of its book. Needed are all orders of the
 * explained one's side at its price, and when nothing was traded the best order of the other side; more do no harm.
 */
export type ClearedLevel = {
  readonly clearing: Pick<
    Clearing,
    "marginalBidMicroPerThousand" | "marginalOfferMicroPerThousand" | "bidRationing" | "offerRationing"
  >;
  readonly orders: readonly FilledOrder[];
};

/**
 * How the orders of one price shared what was left for them (AMB-15; docs/model/clearing.md, equations 6 to 8).
 *
 * @property participants how many had orders at this price
 * @property levelQuantity quantity of all these orders, T
 * @property filledQuantity what they got together, R < T
 * @property claim quantity of the participant's orders at this price, e
 * @property granted what they got together: ⌊e·R/T⌋, and one more when rounding favoured the participant
 * @property roundedUp by rising number, the participants that got one each of the units that sharing left over
 * @property orders how many orders the participant had at this price; they are filled by rising sequence
 */
export type SharedLevel = {
  readonly participants: number;
  readonly levelQuantity: number;
  readonly filledQuantity: number;
  readonly claim: number;
  readonly granted: number;
  readonly roundedUp: readonly number[];
  readonly orders: number;
};

/**
 * Why an order of a cleared book got what it got. Prices and their distances in micro per thousand units, distances above 0.
 *
 * - `better`: filled whole, as its limit was better than that of the last order filled on its side
 * - `wholeAtMargin`: filled whole, as all that stood at the marginal price was needed
 * - `shared`: its price was the marginal one, and more stood there than was needed
 * - `worse`: unfilled, as better orders took everything whose price it could reach
 * - `notMet`: nothing was traded, as the best order of the other side asked for more than its limit gives
 * - `noCounterpart`: nothing was traded, as nobody stood on the other side
 */
export type FillReason =
  | {
      readonly kind: "better";
      readonly marginalMicroPerThousand: number;
      readonly aheadMicroPerThousand: number;
    }
  | { readonly kind: "wholeAtMargin"; readonly marginalMicroPerThousand: number }
  | { readonly kind: "shared"; readonly marginalMicroPerThousand: number; readonly level: SharedLevel }
  | {
      readonly kind: "worse";
      readonly marginalMicroPerThousand: number;
      readonly behindMicroPerThousand: number;
    }
  | {
      readonly kind: "notMet";
      readonly bestOtherMicroPerThousand: number;
      readonly apartMicroPerThousand: number;
    }
  | { readonly kind: "noCounterpart" };

/** Explains what an order of a cleared book got, by the rules that cleared it (R9.8, R9.9, E9.5–E9.8, AMB-15). */
export function explainFill({ clearing, orders }: ClearedLevel, order: FilledOrder): FillReason {
  const isBid = order.side === "bid";
  const marginal = isBid ? clearing.marginalBidMicroPerThousand : clearing.marginalOfferMicroPerThousand;
  if (marginal === null) return explainNoTrade(orders, order);

  const ahead = aheadOf(order, marginal);
  if (ahead > 0) return { kind: "better", marginalMicroPerThousand: marginal, aheadMicroPerThousand: ahead };
  if (ahead < 0) return { kind: "worse", marginalMicroPerThousand: marginal, behindMicroPerThousand: -ahead };
  const { levelQuantity, filledQuantity } = isBid ? clearing.bidRationing : clearing.offerRationing;
  if (filledQuantity === levelQuantity) return { kind: "wholeAtMargin", marginalMicroPerThousand: marginal };
  const level = shareOf(orders, order, { levelQuantity, filledQuantity });
  return { kind: "shared", marginalMicroPerThousand: marginal, level };
}

/** By how much an order's limit is better than a price of its side. */
function aheadOf({ side, limitPriceMicroPerThousand }: FilledOrder, priceMicroPerThousand: number): number {
  return side === "bid"
    ? limitPriceMicroPerThousand - priceMicroPerThousand
    : priceMicroPerThousand - limitPriceMicroPerThousand;
}

function explainNoTrade(orders: readonly FilledOrder[], order: FilledOrder): FillReason {
  const others = orders.filter(({ side }) => side !== order.side);
  const best = bestPrice(others, order.side === "bid" ? "offer" : "bid");
  if (best === null) return { kind: "noCounterpart" };
  return { kind: "notMet", bestOtherMicroPerThousand: best, apartMicroPerThousand: -aheadOf(order, best) };
}

function bestPrice(orders: readonly FilledOrder[], side: Side): number | null {
  const better = side === "bid" ? Math.max : Math.min;
  return orders.reduce<number | null>(
    (best, { limitPriceMicroPerThousand }) =>
      best === null ? limitPriceMicroPerThousand : better(best, limitPriceMicroPerThousand),
    null,
  );
}

function shareOf(
  orders: readonly FilledOrder[],
  order: FilledOrder,
  { levelQuantity, filledQuantity }: { levelQuantity: number; filledQuantity: number },
): SharedLevel {
  const level = orders.filter(
    ({ side, limitPriceMicroPerThousand }) =>
      side === order.side && limitPriceMicroPerThousand === order.limitPriceMicroPerThousand,
  );
  assert(
    level.reduce((sum, { quantity }) => sum + quantity, 0) === levelQuantity,
    "orders of a shared level are missing or too many",
  );
  const shares = sumByParticipant(level);
  const wholeShare = (claim: number) =>
    Number((BigInt(claim) * BigInt(filledQuantity)) / BigInt(levelQuantity));
  const own = present(shares.get(order.participant), "an order among those at its price");
  return {
    participants: shares.size,
    levelQuantity,
    filledQuantity,
    ...own,
    roundedUp: [...shares]
      .filter(([, { claim, granted }]) => granted > wholeShare(claim))
      .map(([participant]) => participant)
      .sort((one, other) => one - other),
  };
}

type Share = Pick<SharedLevel, "claim" | "granted" | "orders">;

function sumByParticipant(level: readonly FilledOrder[]): Map<number, Share> {
  const shares = new Map<number, Share>();
  for (const { participant, quantity, fill } of level) {
    const { claim, granted, orders } = shares.get(participant) ?? NO_SHARE;
    shares.set(participant, {
      claim: claim + quantity,
      granted: granted + fill,
      orders: orders + 1,
    });
  }
  return shares;
}

const NO_SHARE: Share = { claim: 0, granted: 0, orders: 0 };
