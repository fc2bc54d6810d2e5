import type { Book } from "#kernel/auction/book.ts";
import { type Clearing, clearBook } from "#kernel/auction/clearing.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import type { Rationing } from "#kernel/auction/rationing.ts";
import { pairTrades } from "#kernel/auction/trades.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { assert, present } from "#kernel/units/assert.ts";
import { bookRootOf, type SignedBook, sortByMerit } from "./bookRoot.ts";
import { buildEnergyBook } from "./energyBook.ts";
import { type EnergyRationing, energyRationing } from "./energyRationing.ts";
import { localPrice } from "./localPrice.ts";
import { addPositions } from "./mergePositions.ts";
import type { AccountPosition } from "./positionWord.ts";
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
 * @property firstAccount lowest account of the submitted orders; 0 without any
 * @property lastAccount highest account of the submitted orders; 0 without any
 * @property bookRoot root of all orders, submitted or not (see bookRootOf)
 */
export type DeclaredOutcome = {
  readonly areaId: number;
  readonly intervalId: number;
  readonly marginalBid: number;
  readonly marginalOffer: number;
  readonly bids: EnergyRationing;
  readonly offers: EnergyRationing;
  readonly firstAccount: number;
  readonly lastAccount: number;
  readonly bookRoot: Hex;
};

/** One transaction of a clearing: a run of bids and of offers in merit order, and the positions that come of it. */
export type ClearingStep = {
  readonly bids: readonly SignedOrder[];
  readonly offers: readonly SignedOrder[];
  readonly positions: readonly AccountPosition[];
};

/** A clearing ready to be submitted. `book` holds all orders in merit order, `steps` the submitted ones. */
export type ClearingPlan = {
  readonly book: Book;
  readonly clearing: Clearing;
  readonly localPriceMicroPerKwh: number;
  readonly outcome: DeclaredOutcome;
  readonly steps: readonly ClearingStep[];
};

/**
 * Clears signed orders and cuts those to be submitted into transactions. A step never parts the orders of one account at
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
  const positions = positionsOfSteps({ book, clearing, cuts });
  return {
    book,
    clearing,
    localPriceMicroPerKwh: localPrice(clearing),
    outcome: {
      areaId,
      intervalId,
      ...declareClearing(clearing),
      ...accountRange(submitted),
      bookRoot: bookRootOf(whole, { separator, areaId, intervalId }),
    },
    steps: cuts.map((cut, step) => ({
      bids: submitted.bids.slice(cuts[step - 1]?.bids ?? 0, cut.bids),
      offers: submitted.offers.slice(cuts[step - 1]?.offers ?? 0, cut.offers),
      positions: present(positions[step], "the positions of a step"),
    })),
  };
}

/**
 * What a submitted clearing amounts to: its orders cleared anew, and the positions of each step. The outcome that was
 * declared plays no part, so that it can be compared with this one.
 */
export function reopenClearing({
  steps,
  pricing,
}: {
  steps: readonly Pick<ClearingStep, "bids" | "offers">[];
  pricing: Pricing;
}): { book: Book; clearing: Clearing; positions: readonly AccountPosition[][] } {
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
  return { book, clearing, positions: positionsOfSteps({ book, clearing, cuts }) };
}

/** How many bids and offers, from the best on, are in once a step is done. */
export type StepCut = { readonly bids: number; readonly offers: number };

/**
 * The positions that each step of a submitted clearing makes, by rising account. `book` is in merit order. With
 * one price an order counts in its own step; with midpoint pricing a trade counts where its later order comes in.
 */
export function positionsOfSteps({
  book,
  clearing,
  cuts,
}: {
  book: Book;
  clearing: Clearing;
  cuts: readonly StepCut[];
}): readonly AccountPosition[][] {
  const trades = pairTrades(book, clearing);
  const hasOnePrice = clearing.pricing !== "midpoint";
  const steps = cuts.map(() => new Map<number, AccountPosition>());
  const add = (step: number, account: number, change: Omit<AccountPosition, "account">) => {
    const positions = present(steps[step], "a step of the clearing");
    const old = positions.get(account) ?? { account, boughtWh: 0n, soldWh: 0n, exactPayment: 0n };
    positions.set(account, addPositions(old, change));
  };
  for (let i = 0; i < trades.quantity.length; i += 1) {
    const bid = at(trades.bid, i);
    const offer = at(trades.offer, i);
    const bidStep = cuts.findIndex((cut) => bid < cut.bids);
    const offerStep = cuts.findIndex((cut) => offer < cut.offers);
    const later = Math.max(bidStep, offerStep);
    const energyWh = BigInt(at(trades.quantity, i));
    const exactPayment = energyWh * BigInt(at(trades.priceMicroPerThousand, i));
    add(hasOnePrice ? bidStep : later, at(book.bids.participant, bid), {
      boughtWh: energyWh,
      soldWh: 0n,
      exactPayment,
    });
    add(hasOnePrice ? offerStep : later, at(book.offers.participant, offer), {
      boughtWh: 0n,
      soldWh: energyWh,
      exactPayment: -exactPayment,
    });
  }
  return steps.map((positions) => [...positions.values()].sort((a, b) => a.account - b.account));
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
  };
}

function accountRange({ bids, offers }: SignedBook): { firstAccount: number; lastAccount: number } {
  const accounts = [...bids, ...offers].map((order) => order.participant);
  return {
    firstAccount: accounts.reduce((least, account) => Math.min(least, account), accounts[0] ?? 0),
    lastAccount: accounts.reduce((most, account) => Math.max(most, account), 0),
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

/** Whether the orders before and after `cut` belong to one account at one price. */
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
