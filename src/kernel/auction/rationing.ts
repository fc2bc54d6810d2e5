import { assert } from "#kernel/units/assert.ts";
import type { SideBook } from "./book.ts";
import { orderByAccount } from "./meritOrder.ts";

/**
 * How the orders at a side's marginal price share what is left for them (AMB-15). A participant with energy e at this
 * price gets ⌊e·R/T⌋ Wh, and one more exactly when its remainder e·R mod T is greater than `cutRemainder`, or equal to
 * it and its number at most `cutParticipant`. When nothing is left over, `cutRemainder` is T, which no remainder
 * reaches, and `cutParticipant` is 0.
 *
 * @property levelWh energy of all orders at the marginal price, T
 * @property filledWh what they get together, R ≤ T
 */
export type Rationing = {
  readonly levelWh: number;
  readonly filledWh: number;
  readonly cutRemainder: number;
  readonly cutParticipant: number;
};

/** The rationing of a side on which nothing is filled. */
export const NO_RATIONING: Rationing = { levelWh: 0, filledWh: 0, cutRemainder: 0, cutParticipant: 0 };

/** Below this, the quotient of two whole doubles, rounded down, is the exact one. */
const EXACT_QUOTIENT_BELOW = 2 ** 52;

/**
 * Shares `filledWh` among the orders `level` of a side (rising indices, all at one price): pro rata by participant, so
 * that splitting an order never pays, left-over Wh to the largest remainders, ties to the lower number; a
 * participant's share goes to its orders by sequence. `fillWh[i]` belongs to `orders[i]`, an index into the side.
 */
export function rationLevel({
  side,
  level,
  filledWh,
}: {
  side: SideBook;
  level: Uint32Array;
  filledWh: number;
}): { orders: Uint32Array; fillWh: Uint32Array; rationing: Rationing } {
  const levelWh = level.reduce((sum, index) => sum + (side.energyWh[index] as number), 0);
  assert(
    filledWh > 0 && filledWh <= levelWh,
    "a marginal level is filled by more than nothing and at most whole",
  );
  if (filledWh === levelWh) {
    const fillWh = level.map((index) => side.energyWh[index] as number);
    return {
      orders: level,
      fillWh,
      rationing: { levelWh, filledWh, cutRemainder: levelWh, cutParticipant: 0 },
    };
  }
  const orders = orderByAccount(side, level);
  const claims = sumByParticipant(side, orders);
  const shares = shareProRata({ claimsWh: claims.energyWh, filledWh, levelWh });
  const rationing = { levelWh, filledWh, ...findCut({ claims, shares, filledWh, levelWh }) };
  const grantedWh = grantLeftOver({ claims, shares, rationing });
  return { orders, fillWh: spreadOverOrders({ side, orders, grantedWh }), rationing };
}

/** Participants of a level by rising number, and the energy of each at this level. */
type Claims = { readonly participant: Uint32Array; readonly energyWh: Float64Array };

function sumByParticipant(side: SideBook, orders: Uint32Array): Claims {
  const participant = new Uint32Array(orders.length);
  const energyWh = new Float64Array(orders.length);
  let last = -1;
  for (const index of orders) {
    const number = side.participant[index] as number;
    if (last < 0 || participant[last] !== number) participant[++last] = number;
    energyWh[last] = (energyWh[last] as number) + (side.energyWh[index] as number);
  }
  return { participant: participant.subarray(0, last + 1), energyWh: energyWh.subarray(0, last + 1) };
}

type Shares = { readonly wholeWh: Float64Array; readonly remainder: Float64Array };

/** ⌊e·R/T⌋ and e·R mod T of each claim e, exact: in doubles where the products allow, otherwise in bigint. */
function shareProRata({
  claimsWh,
  filledWh,
  levelWh,
}: {
  claimsWh: Float64Array;
  filledWh: number;
  levelWh: number;
}): Shares {
  const wholeWh = new Float64Array(claimsWh.length);
  const remainder = new Float64Array(claimsWh.length);
  for (let i = 0; i < claimsWh.length; i++) {
    const claimWh = claimsWh[i] as number;
    const product = claimWh * filledWh;
    if (product < EXACT_QUOTIENT_BELOW) {
      const whole = Math.floor(product / levelWh);
      wholeWh[i] = whole;
      remainder[i] = product - whole * levelWh;
    } else {
      const exact = BigInt(claimWh) * BigInt(filledWh);
      wholeWh[i] = Number(exact / BigInt(levelWh));
      remainder[i] = Number(exact % BigInt(levelWh));
    }
  }
  return { wholeWh, remainder };
}

/** Remainder and number of the last participant that gets one of the left-over Wh. */
function findCut({
  claims,
  shares,
  filledWh,
  levelWh,
}: {
  claims: Claims;
  shares: Shares;
  filledWh: number;
  levelWh: number;
}): Pick<Rationing, "cutRemainder" | "cutParticipant"> {
  const leftOverWh = filledWh - shares.wholeWh.reduce((sum, wh) => sum + wh, 0);
  if (leftOverWh === 0) return { cutRemainder: levelWh, cutParticipant: 0 };
  const rising = shares.remainder.slice().sort();
  const cutRemainder = rising[rising.length - leftOverWh] as number;
  const above = shares.remainder.reduce((count, remainder) => count + (remainder > cutRemainder ? 1 : 0), 0);
  let winners = above;
  let last = -1;
  while (winners < leftOverWh) if (shares.remainder[++last] === cutRemainder) winners++;
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
  return shares.wholeWh.map((wholeWh, i) => {
    const remainder = shares.remainder[i] as number;
    const isWithinCut = remainder === cutRemainder && (claims.participant[i] as number) <= cutParticipant;
    return remainder > cutRemainder || isWithinCut ? wholeWh + 1 : wholeWh;
  });
}

/** Gives each participant's share to its orders, one after the other. */
function spreadOverOrders({
  side,
  orders,
  grantedWh,
}: {
  side: SideBook;
  orders: Uint32Array;
  grantedWh: Float64Array;
}): Uint32Array {
  let claim = 0;
  let restWh = grantedWh[0] as number;
  return orders.map((index, i) => {
    if (i > 0 && side.participant[index] !== side.participant[orders[i - 1] as number]) {
      restWh = grantedWh[++claim] as number;
    }
    const fillWh = Math.min(side.energyWh[index] as number, restWh);
    restWh -= fillWh;
    return fillWh;
  });
}
