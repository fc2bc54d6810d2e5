import type { StandingWithFormer } from "#domains/accounts/rules/standing.ts";
import {
  type CheckFault,
  type CheckStep,
  checkEach,
  failed,
  notPossible,
  passed,
} from "#domains/metering/check/checkOutcome.ts";
import { orderId } from "#domains/pool/rules/admission.ts";
import { bookRootOf, type SignedBook, sortByMerit } from "#domains/pool/rules/bookRoot.ts";
import {
  findArchivedSignerFault,
  findLimitFault,
  findPlaceFault,
  findSideFault,
  findSignerFault,
  type OrderFault,
} from "#domains/pool/rules/orderFault.ts";
import type { OrderContext, SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { bookOf, orderContextOf, orderFault, type PlacedOrder, submittedBook } from "./evidenceBook.ts";
import type { IntervalEvidence, RestEvidence, StepEvidence } from "./intervalEvidence.ts";
import { findOmittedOrder } from "./omittedOrder.ts";
import type { ReopenedInterval, Unavailable } from "./reopenedInterval.ts";

const UNKNOWN: StandingWithFormer = { signer: null, isTradable: false, capacityW: 0, formerSigners: [] };
const NO_REST = "the orders that were not submitted are not available";

/** Who signed each order: the one who signs for its member when the gate closes (R6.1); of one that was kept, also who did before. */
export function* checkOrderSignatures(
  evidence: IntervalEvidence,
  unavailable: Unavailable | null,
): CheckStep {
  const { submitted, rest } = bookOf(evidence);
  if (submitted.length + rest.length === 0 && unavailable) return notPossible(unavailable.reason);
  const context = orderContextOf(evidence);
  const findFault = ({ order, source }: PlacedOrder<StepEvidence | RestEvidence>) =>
    "isComplete" in source
      ? findRestSignerFault(order, source, context)
      : findSignerFault({ order, context, standing: source.standings.get(order.participant) ?? UNKNOWN });
  return yield* checkEach([...submitted, ...rest], (placed) => named(placed, findFault(placed)));
}

function findRestSignerFault(
  order: SignedOrder,
  { standings }: RestEvidence,
  context: OrderContext,
): OrderFault | null {
  const { signer, formerSigners } = standings.get(order.participant) ?? UNKNOWN;
  const signers = new Set([...formerSigners, ...(signer === null ? [] : [signer])]);
  return findArchivedSignerFault({ order, context, signers });
}

/** Each order is within the limits of the area (R5.6), in its place, in the book once, and no submitted one on both sides. */
export function* checkOrderLimits(evidence: IntervalEvidence, unavailable: Unavailable | null): CheckStep {
  const { submitted, rest } = bookOf(evidence);
  if (submitted.length + rest.length === 0 && unavailable) return notPossible(unavailable.reason);
  const { terms } = evidence.area;
  const seen = new Set<string>();
  const sides = new Map<number, SignedOrder["side"]>();
  const last: Record<SignedOrder["side"], SignedOrder | null> = { bid: null, offer: null };
  const findFault = ({ order, source }: PlacedOrder<StepEvidence | RestEvidence>): OrderFault | null => {
    const id = orderId(order);
    if (seen.has(id)) return { rule: "meritOrder", words: "is in the book twice" };
    seen.add(id);
    const limitFault = findLimitFault(order, terms);
    if (limitFault !== null || "isComplete" in source) return limitFault;
    const placeFault =
      findSideFault(order, sides) ??
      findPlaceFault({ order, last: last[order.side], outcome: source.outcome });
    last[order.side] = order;
    sides.set(order.participant, order.side);
    return placeFault;
  };
  return yield* checkEach([...submitted, ...rest], (placed) => named(placed, findFault(placed)));
}

/** All orders together give the root that the chain recorded (R9.8). */
export function* checkBookRoot(evidence: IntervalEvidence, unavailable: Unavailable | null): CheckStep {
  const { cleared, rest, steps } = evidence;
  if (cleared === null || steps.length === 0) return notPossible(unavailable?.reason ?? NO_REST);
  const whole = wholeBook(evidence);
  const count = whole.bids.length + whole.offers.length;
  yield { checked: 0, of: count };
  const root = bookRootOf(whole, orderContextOf(evidence));
  if (root === cleared.bookRoot) return passed(count);
  if (!rest?.isComplete) return notPossible(NO_REST, count);
  const finding = `the ${whole.bids.length} bids and ${whole.offers.length} offers give the root ${root}; the chain recorded ${cleared.bookRoot}`;
  return failed(count, { finding, subject: {} });
}

/** Cleared with the orders that were not submitted, none of these trades or stands at the margin (R9.8). */
export function* checkOmittedOrders(evidence: IntervalEvidence, reopened: ReopenedInterval): CheckStep {
  const { rest } = bookOf(evidence);
  const context = orderContextOf(evidence);
  const isWhole = bookRootOf(wholeBook(evidence), context) === reopened.recorded.bookRoot;
  if (!isWhole && !evidence.rest?.isComplete) return notPossible(NO_REST);
  const sides = new Map(submittedOrders(evidence).map(({ participant, side }) => [participant, side]));
  const valid: SignedOrder[] = [];
  yield* checkEach(rest, ({ order, source }) => {
    const standing = source.standings.get(order.participant) ?? UNKNOWN;
    const isTaken = findSignerFault({ order, context, standing }) === null && !findSideFault(order, sides);
    if (order.energyWh > 0 && isTaken) valid.push(order);
    return null;
  });
  const omitted = findOmittedOrder({
    submitted: submittedBook(evidence),
    others: valid,
    pricing: evidence.area.terms.pricing,
  });
  if (omitted === null) return passed(rest.length);
  const { finding, order, side, position } = omitted;
  return failed(rest.length, { finding, subject: { side, position, member: order.participant } });
}

function submittedOrders(evidence: IntervalEvidence): readonly SignedOrder[] {
  const { bids, offers } = submittedBook(evidence);
  return [...bids, ...offers];
}

/** All orders in merit order; where one has no energy, which no book can hold, as they stand in the evidence. */
function wholeBook(evidence: IntervalEvidence): SignedBook {
  const { submitted, rest } = bookOf(evidence);
  const orders = [...submitted, ...rest].map(({ order }) => order);
  if (orders.every(({ energyWh }) => energyWh > 0)) return sortByMerit(orders);
  return {
    bids: orders.filter(({ side }) => side === "bid"),
    offers: orders.filter(({ side }) => side === "offer"),
  };
}

function named(placed: PlacedOrder<unknown>, fault: OrderFault | null): CheckFault | null {
  return fault && orderFault(placed, fault.words);
}
