import type { Book } from "#kernel/auction/book.ts";
import { type Clearing, clearBook } from "#kernel/auction/clearing.ts";
import type { Pricing, Side } from "#kernel/auction/order.ts";
import type { Rationing } from "#kernel/auction/rationing.ts";
import { pairTrades } from "#kernel/auction/trades.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { assert, present } from "#kernel/units/assert.ts";
import { bookRootOf, type SignedBook, sortByMerit } from "./bookRoot.ts";
import { buildEnergyBook } from "./energyBook.ts";
import { type EnergyRationing, energyRationing } from "./energyRationing.ts";
import { localPrice } from "./localPrice.ts";
import { mergePositions } from "./mergePositions.ts";
import type { MemberPosition } from "./positionWord.ts";
import type { OrderContext, SignedOrder } from "./signedOrder.ts";

/** Orders of one transaction: 512 verified signatures stay below 5 M gas, and below 120 kB of calldata. */
export const MAX_STEP_ORDERS = 512;

/**
 * Which orders go to the chain: those that the verification needs, or the whole book. The root binds all of them either
 * way.
 */
export type Submission = "needed" | "all";

/**
 * What the operator declares of a clearing, in the contract's words. Prices in micro per kWh; 0 without a trade.
 *
 * @property firstMember lowest member of the submitted orders; 0 without any
 * @property lastMember highest member of the submitted orders; 0 without any
 * @property localPrice the one price of all trades; with midpoints that of the marginal pair
 * @property bookRoot root of all orders, submitted or not (see bookRootOf)
 */
export type DeclaredOutcome = {
  readonly areaId: number;
  readonly intervalId: number;
  readonly marginalBid: number;
  readonly marginalOffer: number;
  readonly bids: EnergyRationing;
  readonly offers: EnergyRationing;
  readonly firstMember: number;
  readonly lastMember: number;
  readonly localPrice: number;
  readonly clearedWh: number;
  readonly bookRoot: Hex;
};

/**
 * One transaction of a clearing: a run of bids and of offers in merit order. `before` are the positions that the steps so far
 * came to, by rising member, those of nothing included: members that have an order there.
 */
export type ClearingStep = {
  readonly bids: readonly SignedOrder[];
  readonly offers: readonly SignedOrder[];
  readonly before: readonly MemberPosition[];
};

/**
 * A clearing ready to be submitted. `book` holds all orders in merit order, `steps` the submitted ones, `positions` what
 * members traded in all, by rising member.
 */
export type ClearingPlan = {
  readonly book: Book;
  readonly clearing: Clearing;
  readonly localPriceMicroPerKwh: number;
  readonly outcome: DeclaredOutcome;
  readonly positions: readonly MemberPosition[];
  readonly steps: readonly ClearingStep[];
};

/**
 * Clears signed orders and cuts those to be submitted into transactions. A step never parts the orders of one member at
 * one price, and leaves at most one order half paired, so that the contract can go on from a single carried order.
 */
export function planClearing({
  orders,
  pricing,
  separator,
  areaId,
  intervalId,
  submit = "needed",
  maxStepOrders = MAX_STEP_ORDERS,
}: OrderContext & {
  orders: readonly SignedOrder[];
  pricing: Pricing;
  submit?: Submission;
  maxStepOrders?: number;
}): ClearingPlan {
  const whole = sortByMerit(orders);
  const book = buildEnergyBook([...whole.bids, ...whole.offers]);
  const clearing = clearBook(book, pricing);
  const submitted = submit === "all" ? whole : neededOrders(whole, clearing);
  const cuts = cutSteps({ clearing, submitted, maxStepOrders });
  const { positions, before } = positionsOfSteps({ book, clearing, cuts });
  return {
    book,
    clearing,
    localPriceMicroPerKwh: localPrice(clearing),
    positions,
    outcome: {
      areaId,
      intervalId,
      ...declareClearing(clearing),
      ...memberRange(submitted),
      bookRoot: bookRootOf(whole, { separator, areaId, intervalId }),
    },
    steps: cuts.map((cut, step) => ({
      bids: submitted.bids.slice(cuts[step - 1]?.bids ?? 0, cut.bids),
      offers: submitted.offers.slice(cuts[step - 1]?.offers ?? 0, cut.offers),
      before: present(before[step], "the positions before a step"),
    })),
  };
}

/**
 * What a submitted clearing amounts to: its orders cleared anew, and its positions (see positionsOfSteps). The outcome that was
 * declared plays no part, so that it can be compared with this one.
 */
export function reopenClearing({
  steps,
  pricing,
}: {
  steps: readonly Pick<ClearingStep, "bids" | "offers">[];
  pricing: Pricing;
}): { book: Book; clearing: Clearing } & StepPositions {
  const book = buildEnergyBook([
    ...steps.flatMap((step) => step.bids),
    ...steps.flatMap((step) => step.offers),
  ]);
  const clearing = clearBook(book, pricing);
  let [bids, offers] = [0, 0];
  const cuts = steps.map((step) => {
    bids += step.bids.length;
    offers += step.offers.length;
    return { bids, offers };
  });
  return { book, clearing, ...positionsOfSteps({ book, clearing, cuts }) };
}

/** How many bids and offers, from the best on, are in once a step is done. */
export type StepCut = { readonly bids: number; readonly offers: number };

/** What members traded in all, and what the steps before each step came to; both by rising member. */
export type StepPositions = {
  readonly positions: readonly MemberPosition[];
  readonly before: readonly (readonly MemberPosition[])[];
};

/**
 * The positions of a submitted clearing, whose `book` is in merit order. With one price an order counts in its own step;
 * with midpoint pricing a trade counts where its later order comes in.
 */
export function positionsOfSteps({
  book,
  clearing,
  cuts,
}: {
  book: Book;
  clearing: Clearing;
  cuts: readonly StepCut[];
}): StepPositions {
  const fills = fillsOfSteps({ book, clearing, cuts });
  const isTraded = ({ boughtWh, soldWh }: MemberPosition) => boughtWh + soldWh > 0n;
  const before = cuts.map((_, step) => {
    const { bids, offers } = cuts[step - 1] ?? NO_CUT;
    const earlier = [...emptyPositions("bid", book.bids.participant.slice(0, bids))];
    earlier.push(...emptyPositions("offer", book.offers.participant.slice(0, offers)));
    return [...mergePositions([...earlier, ...fills.slice(0, step).flat()]).values()];
  });
  return { positions: [...mergePositions(fills.flat()).values()].filter(isTraded), before };
}

const NO_CUT: StepCut = { bids: 0, offers: 0 };

function emptyPositions(side: Side, members: ArrayLike<number>): MemberPosition[] {
  const nothing = { boughtWh: 0n, soldWh: 0n, exactPayment: 0n };
  return Array.from(members, (member) => ({ member, side, ...nothing }));
}

/** What each step makes of the trades, one entry a trade and side. */
function fillsOfSteps({
  book,
  clearing,
  cuts,
}: {
  book: Book;
  clearing: Clearing;
  cuts: readonly StepCut[];
}): readonly MemberPosition[][] {
  const trades = pairTrades(book, clearing);
  const hasOnePrice = clearing.pricing !== "midpoint";
  const steps: MemberPosition[][] = cuts.map(() => []);
  for (let i = 0; i < trades.quantity.length; i += 1) {
    const bid = at(trades.bid, i);
    const offer = at(trades.offer, i);
    const bidStep = cuts.findIndex((cut) => bid < cut.bids);
    const offerStep = cuts.findIndex((cut) => offer < cut.offers);
    const later = Math.max(bidStep, offerStep);
    const energyWh = BigInt(at(trades.quantity, i));
    const exactPayment = energyWh * BigInt(at(trades.priceMicroPerThousand, i));
    present(steps[hasOnePrice ? bidStep : later], "a step of the clearing").push({
      member: at(book.bids.participant, bid),
      side: "bid",
      boughtWh: energyWh,
      soldWh: 0n,
      exactPayment,
    });
    present(steps[hasOnePrice ? offerStep : later], "a step of the clearing").push({
      member: at(book.offers.participant, offer),
      side: "offer",
      boughtWh: 0n,
      soldWh: energyWh,
      exactPayment: -exactPayment,
    });
  }
  return steps;
}

/**
 * The orders that a clearing can't be verified without: on each side those at the marginal price or better, and the best
 * one with energy left, which shows that no pair left could trade. Each side is a run from the best order on.
 */
function neededOrders({ bids, offers }: SignedBook, clearing: Clearing): SignedBook {
  const { bidRationing, offerRationing } = clearing;
  return {
    bids: bids.slice(0, countNeeded(bids, clearing.marginalBidMicroPerThousand, bidRationing)),
    offers: offers.slice(0, countNeeded(offers, clearing.marginalOfferMicroPerThousand, offerRationing)),
  };
}

function countNeeded(
  orders: readonly SignedOrder[],
  marginalPrice: number | null,
  { levelQuantity, filledQuantity }: Rationing,
): number {
  const toMargin = orders.findLastIndex((order) => order.limitPriceMicroPerKwh === marginalPrice) + 1;
  // A level that is not filled whole has energy left itself.
  return filledQuantity < levelQuantity ? toMargin : toMargin + 1;
}

function declareClearing(clearing: Clearing) {
  return {
    marginalBid: clearing.marginalBidMicroPerThousand ?? 0,
    marginalOffer: clearing.marginalOfferMicroPerThousand ?? 0,
    bids: energyRationing(clearing.bidRationing),
    offers: energyRationing(clearing.offerRationing),
    localPrice: localPrice(clearing),
    clearedWh: clearing.clearedQuantity,
  };
}

function memberRange({ bids, offers }: SignedBook): { firstMember: number; lastMember: number } {
  const members = [...bids, ...offers].map((order) => order.participant);
  return {
    firstMember: members.reduce((least, member) => Math.min(least, member), members[0] ?? 0),
    lastMember: members.reduce((most, member) => Math.max(most, member), 0),
  };
}

/**
 * Takes the next order always from the side whose filled energy is behind, so that at each moment at most one order is
 * half paired; cuts at the last place that parts no group.
 */
function cutSteps({
  clearing,
  submitted,
  maxStepOrders,
}: {
  clearing: Clearing;
  submitted: SignedBook;
  maxStepOrders: number;
}): StepCut[] {
  const total = { bids: submitted.bids.length, offers: submitted.offers.length };
  const cuts: StepCut[] = [];
  let taken: StepCut = { bids: 0, offers: 0 };
  let start = taken;
  let candidate = taken;
  let lead = 0;
  while (taken.bids + taken.offers < total.bids + total.offers) {
    const takesBid = taken.offers === total.offers || (lead <= 0 && taken.bids < total.bids);
    lead += takesBid ? at(clearing.bidFills, taken.bids) : -at(clearing.offerFills, taken.offers);
    taken = takesBid
      ? { bids: taken.bids + 1, offers: taken.offers }
      : { bids: taken.bids, offers: taken.offers + 1 };
    if (count(taken) - count(start) > maxStepOrders && count(candidate) > count(start)) {
      cuts.push(candidate);
      start = candidate;
    }
    const isWhole = !partsGroup(submitted.bids, taken.bids) && !partsGroup(submitted.offers, taken.offers);
    if (isWhole) candidate = taken;
  }
  cuts.push(total);
  return cuts;
}

function count(cut: StepCut): number {
  return cut.bids + cut.offers;
}

/** Whether the orders before and after `cut` belong to one member at one price. */
function partsGroup(orders: readonly SignedOrder[], cut: number): boolean {
  const [last, next] = [orders[cut - 1], orders[cut]];
  if (!last || !next) return false;
  return last.participant === next.participant && last.limitPriceMicroPerKwh === next.limitPriceMicroPerKwh;
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  assert(value !== undefined, `entry ${index} of a typed array`);
  return value;
}
