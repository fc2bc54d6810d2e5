import { assert, present } from "#kernel/units/assert.ts";
import type { Clearing } from "./clearing.ts";
import type { Order, Side } from "./order.ts";

/** An order of a cleared book, and what it got. */
export type FilledOrder = Order<number> & { readonly fillWh: number };

/**
 * What explains the orders of one price: the margins of a clearing, and orders of its book. Needed are all orders of the
 * explained one's side at its price, and when nothing was traded the best order of the other side; more do no harm.
 */
export type ClearedLevel = {
  readonly clearing: Pick<
    Clearing,
    "marginalBidMicroPerKwh" | "marginalOfferMicroPerKwh" | "bidRationing" | "offerRationing"
  >;
  readonly orders: readonly FilledOrder[];
};

/**
 * How the orders of one price shared what was left for them (AMB-15; docs/model/clearing.md, equations 6 to 8).
 *
 * @property participants how many had orders at this price
 * @property levelWh energy of all these orders, T
 * @property filledWh what they got together, R < T
 * @property claimWh energy of the participant's orders at this price, e
 * @property grantedWh what they got together: ⌊e·R/T⌋, and one more when rounding favoured the participant
 * @property roundedUp by rising number, the participants that got one each of the Wh that sharing left over
 * @property orders how many orders the participant had at this price; they are filled by rising sequence
 */
export type SharedLevel = {
  readonly participants: number;
  readonly levelWh: number;
  readonly filledWh: number;
  readonly claimWh: number;
  readonly grantedWh: number;
  readonly roundedUp: readonly number[];
  readonly orders: number;
};

/**
 * Why an order of a cleared book got what it got. Prices and their distances in micro per kWh, distances above 0.
 *
 * - `better`: filled whole, as its limit was better than that of the last order filled on its side
 * - `wholeAtMargin`: filled whole, as all that stood at the marginal price was needed
 * - `shared`: its price was the marginal one, and more stood there than was needed
 * - `worse`: unfilled, as better orders took everything whose price it could reach
 * - `notMet`: nothing was traded, as the best order of the other side asked for more than its limit gives
 * - `noCounterpart`: nothing was traded, as nobody stood on the other side
 */
export type FillReason =
  | { readonly kind: "better"; readonly marginalMicroPerKwh: number; readonly aheadMicroPerKwh: number }
  | { readonly kind: "wholeAtMargin"; readonly marginalMicroPerKwh: number }
  | { readonly kind: "shared"; readonly marginalMicroPerKwh: number; readonly level: SharedLevel }
  | { readonly kind: "worse"; readonly marginalMicroPerKwh: number; readonly behindMicroPerKwh: number }
  | { readonly kind: "notMet"; readonly bestOtherMicroPerKwh: number; readonly apartMicroPerKwh: number }
  | { readonly kind: "noCounterpart" };

/**
 * What became of an order: in a cleared book by {@link FillReason}; before that `open` at the desk, or `submitted` in a
 * clearing that is not complete; or `refused` by the chain, for a contract's error.
 */
export type OrderReason =
  | FillReason
  | { readonly kind: "open"; readonly gateClosesAt: number }
  | { readonly kind: "submitted" }
  | { readonly kind: "refused"; readonly refusal: string };

/** Explains what an order of a cleared book got, by the rules that cleared it (R9.8, R9.9, E9.5–E9.8, AMB-15). */
export function explainFill({ clearing, orders }: ClearedLevel, order: FilledOrder): FillReason {
  const isBid = order.side === "bid";
  const marginal = isBid ? clearing.marginalBidMicroPerKwh : clearing.marginalOfferMicroPerKwh;
  if (marginal === null) return explainNoTrade(orders, order);

  const ahead = aheadOf(order, marginal);
  if (ahead > 0) return { kind: "better", marginalMicroPerKwh: marginal, aheadMicroPerKwh: ahead };
  if (ahead < 0) return { kind: "worse", marginalMicroPerKwh: marginal, behindMicroPerKwh: -ahead };
  const { levelWh, filledWh } = isBid ? clearing.bidRationing : clearing.offerRationing;
  if (filledWh === levelWh) return { kind: "wholeAtMargin", marginalMicroPerKwh: marginal };
  const level = shareOf(orders, order, { levelWh, filledWh });
  return { kind: "shared", marginalMicroPerKwh: marginal, level };
}

/** By how much an order's limit is better than a price of its side. */
function aheadOf({ side, limitPriceMicroPerKwh }: FilledOrder, priceMicroPerKwh: number): number {
  return side === "bid" ? limitPriceMicroPerKwh - priceMicroPerKwh : priceMicroPerKwh - limitPriceMicroPerKwh;
}

function explainNoTrade(orders: readonly FilledOrder[], order: FilledOrder): FillReason {
  const others = orders.filter(({ side }) => side !== order.side);
  const best = bestPrice(others, order.side === "bid" ? "offer" : "bid");
  if (best === null) return { kind: "noCounterpart" };
  return { kind: "notMet", bestOtherMicroPerKwh: best, apartMicroPerKwh: -aheadOf(order, best) };
}

function bestPrice(orders: readonly FilledOrder[], side: Side): number | null {
  const better = side === "bid" ? Math.max : Math.min;
  return orders.reduce<number | null>(
    (best, { limitPriceMicroPerKwh }) =>
      best === null ? limitPriceMicroPerKwh : better(best, limitPriceMicroPerKwh),
    null,
  );
}

function shareOf(
  orders: readonly FilledOrder[],
  order: FilledOrder,
  { levelWh, filledWh }: { levelWh: number; filledWh: number },
): SharedLevel {
  const level = orders.filter(
    ({ side, limitPriceMicroPerKwh }) =>
      side === order.side && limitPriceMicroPerKwh === order.limitPriceMicroPerKwh,
  );
  assert(
    level.reduce((sum, { energyWh }) => sum + energyWh, 0) === levelWh,
    "orders of a shared level are missing or too many",
  );
  const shares = sumByParticipant(level);
  const wholeWh = (claimWh: number) => Number((BigInt(claimWh) * BigInt(filledWh)) / BigInt(levelWh));
  const own = present(shares.get(order.participant), "an order among those at its price");
  return {
    participants: shares.size,
    levelWh,
    filledWh,
    ...own,
    roundedUp: [...shares]
      .filter(([, { claimWh, grantedWh }]) => grantedWh > wholeWh(claimWh))
      .map(([participant]) => participant)
      .sort((one, other) => one - other),
  };
}

type Share = Pick<SharedLevel, "claimWh" | "grantedWh" | "orders">;

function sumByParticipant(level: readonly FilledOrder[]): Map<number, Share> {
  const shares = new Map<number, Share>();
  for (const { participant, energyWh, fillWh } of level) {
    const { claimWh, grantedWh, orders } = shares.get(participant) ?? NO_SHARE;
    shares.set(participant, {
      claimWh: claimWh + energyWh,
      grantedWh: grantedWh + fillWh,
      orders: orders + 1,
    });
  }
  return shares;
}

const NO_SHARE: Share = { claimWh: 0, grantedWh: 0, orders: 0 };
