import { assert } from "#kernel/units/assert.ts";
import type { SideBook } from "./book.ts";
import { orderByAccount } from "./meritOrder.ts";

/**
 * How the orders at a side's marginal price share what is left for them (AMB-15). A participant with quantity e at this
 * price gets ⌊e·R/T⌋ units, and one more exactly when its remainder e·R mod T is greater than `cutRemainder`, or equal to
 * it and its number at most `cutParticipant`. When nothing is left over, `cutRemainder` is T, which no remainder
 * reaches, and `cutParticipant` is 0.
 *
 * @property levelQuantity quantity of all orders at the marginal price, T
 * @property filledQuantity what they get together, R ≤ T
 */
export type Rationing = {
  readonly levelQuantity: number;
  readonly filledQuantity: number;
  readonly cutRemainder: number;
  readonly cutParticipant: number;
};

/** The rationing of a side on which nothing is filled. */
export const NO_RATIONING: Rationing = {
  levelQuantity: 0,
  filledQuantity: 0,
  cutRemainder: 0,
  cutParticipant: 0,
};

/** Below this, the quotient of two whole doubles, rounded down, is the exact one. */
const EXACT_QUOTIENT_BELOW = 2 ** 52;

/**
 * Shares `filledQuantity` among the orders `level` of a side (rising indices, all at one price): pro rata by participant, so
 * that splitting an order never pays, left-over units to the largest remainders, ties to the lower number; a
 * participant's share goes to its orders by sequence. `fills[i]` belongs to `orders[i]`, an index into the side.
 */
export function rationLevel({
  side,
  level,
  filledQuantity,
}: {
  side: SideBook;
  level: Uint32Array;
  filledQuantity: number;
}): { orders: Uint32Array; fills: Uint32Array; rationing: Rationing } {
  const levelQuantity = level.reduce((sum, index) => sum + (side.quantity[index] as number), 0);
  assert(
    filledQuantity > 0 && filledQuantity <= levelQuantity,
    "a marginal level is filled by more than nothing and at most whole",
  );
  if (filledQuantity === levelQuantity) {
    const fills = level.map((index) => side.quantity[index] as number);
    return {
      orders: level,
      fills,
      rationing: { levelQuantity, filledQuantity, cutRemainder: levelQuantity, cutParticipant: 0 },
    };
  }
  const orders = orderByAccount(side, level);
  const claims = sumByParticipant(side, orders);
  const shares = shareProRata({ claimed: claims.quantity, filledQuantity, levelQuantity });
  const rationing = {
    levelQuantity,
    filledQuantity,
    ...findCut({ claims, shares, filledQuantity, levelQuantity }),
  };
  const granted = grantLeftOver({ claims, shares, rationing });
  return { orders, fills: spreadOverOrders({ side, orders, granted }), rationing };
}

/** Participants of a level by rising number, and the quantity of each at this level. */
type Claims = { readonly participant: Uint32Array; readonly quantity: Float64Array };

function sumByParticipant(side: SideBook, orders: Uint32Array): Claims {
  const participant = new Uint32Array(orders.length);
  const quantity = new Float64Array(orders.length);
  let last = -1;
  for (const index of orders) {
    const number = side.participant[index] as number;
    if (last < 0 || participant[last] !== number) participant[++last] = number;
    quantity[last] = (quantity[last] as number) + (side.quantity[index] as number);
  }
  return { participant: participant.subarray(0, last + 1), quantity: quantity.subarray(0, last + 1) };
}

type Shares = { readonly wholeShare: Float64Array; readonly remainder: Float64Array };

/** ⌊e·R/T⌋ and e·R mod T of each claim e, exact: in doubles where the products allow, otherwise in bigint. */
function shareProRata({
  claimed,
  filledQuantity,
  levelQuantity,
}: {
  claimed: Float64Array;
  filledQuantity: number;
  levelQuantity: number;
}): Shares {
  const wholeShare = new Float64Array(claimed.length);
  const remainder = new Float64Array(claimed.length);
  for (let i = 0; i < claimed.length; i++) {
    const claim = claimed[i] as number;
    const product = claim * filledQuantity;
    if (product < EXACT_QUOTIENT_BELOW) {
      const whole = Math.floor(product / levelQuantity);
      wholeShare[i] = whole;
      remainder[i] = product - whole * levelQuantity;
    } else {
      const exact = BigInt(claim) * BigInt(filledQuantity);
      wholeShare[i] = Number(exact / BigInt(levelQuantity));
      remainder[i] = Number(exact % BigInt(levelQuantity));
    }
  }
  return { wholeShare, remainder };
}

/** Remainder and number of the last participant that gets one of the left-over units. */
function findCut({
  claims,
  shares,
  filledQuantity,
  levelQuantity,
}: {
  claims: Claims;
  shares: Shares;
  filledQuantity: number;
  levelQuantity: number;
}): Pick<Rationing, "cutRemainder" | "cutParticipant"> {
  const leftOver = filledQuantity - shares.wholeShare.reduce((sum, share) => sum + share, 0);
  if (leftOver === 0) return { cutRemainder: levelQuantity, cutParticipant: 0 };
  const rising = shares.remainder.slice().sort();
  const cutRemainder = rising[rising.length - leftOver] as number;
  const above = shares.remainder.reduce((count, remainder) => count + (remainder > cutRemainder ? 1 : 0), 0);
  let winners = above;
  let last = -1;
  while (winners < leftOver) if (shares.remainder[++last] === cutRemainder) winners++;
  return { cutRemainder, cutParticipant: claims.participant[last] as number };
}

/** What each participant of the level gets. */
function grantLeftOver({
  claims,
  shares,
  rationing: { cutRemainder, cutParticipant },
}: {
  claims: Claims;
  shares: Shares;
  rationing: Rationing;
}): Float64Array {
  return shares.wholeShare.map((wholeShare, i) => {
    const remainder = shares.remainder[i] as number;
    const isWithinCut = remainder === cutRemainder && (claims.participant[i] as number) <= cutParticipant;
    return remainder > cutRemainder || isWithinCut ? wholeShare + 1 : wholeShare;
  });
}

/** Gives each participant's share to its orders, one after the other. */
function spreadOverOrders({
  side,
  orders,
  granted,
}: {
  side: SideBook;
  orders: Uint32Array;
  granted: Float64Array;
}): Uint32Array {
  let claim = 0;
  let rest = granted[0] as number;
  return orders.map((index, i) => {
    if (i > 0 && side.participant[index] !== side.participant[orders[i - 1] as number]) {
      rest = granted[++claim] as number;
    }
    const fills = Math.min(side.quantity[index] as number, rest);
    rest -= fills;
    return fills;
  });
}
