import type { MemberGate } from "#domains/accounts/rules/standing.ts";
import { findOmittedOrder } from "#domains/pool/check/omittedOrder.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { gateClosesAt } from "#domains/pool/rules/area.ts";
import { bookRootOf, type SignedBook, sortByMerit } from "#domains/pool/rules/bookRoot.ts";
import {
  findArchivedSignerFault,
  findLimitFault,
  findSideFault,
  findSignerFault,
  isEncodable,
} from "#domains/pool/rules/orderFault.ts";
import { type OrderContext, orderDigest, type SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import { addCount } from "#platform/audit/replay.ts";
import type { HeldClearing, PoolState } from "./poolState.ts";

type ClearedBook = {
  readonly event: PoolEvent<"intervalCleared">;
  readonly interval: HeldClearing;
  readonly submitted: SignedBook;
};

const ROOT_DIFFERS = "the available orders do not give the recorded root of the book";

/**
 * Requires that the orders of a clearing give the recorded root, as far as those that were not submitted are available,
 * and that none was left out which bears on the clearing.
 */
export async function verifyBook(state: PoolState, cleared: ClearedBook): Promise<void> {
  const { event, submitted } = cleared;
  const context = contextOf(state, event);
  const archived = (await state.orders?.(event.areaId, event.intervalId)) ?? null;
  const others = verifyOthers(state, cleared, archived ?? []);
  const whole = sortByMerit([...submitted.bids, ...submitted.offers, ...others]);
  const isWhole = bookRootOf(whole, context) === event.bookRoot;
  const sides = new Map([...submitted.bids, ...submitted.offers].map((o) => [o.participant, o.side]));
  requireNoneOmitted(
    cleared,
    others.filter((order) => findSideFault(order, sides) === null && isSigned(state, cleared, order)),
    isWhole,
  );
  if (isWhole) addCount(state.counts, "pool.books");
  else if (archived === null) state.uncheckedBooks += 1;
  else {
    const counted = `${whole.bids.length} bids and ${whole.offers.length} offers are submitted or in the archive`;
    refuseInterval(event, "bookRoot", `${counted}; ${ROOT_DIFFERS}`);
  }
}

/** The archived orders beyond the submitted ones, each once and verified. */
function verifyOthers(
  state: PoolState,
  cleared: ClearedBook,
  archived: readonly SignedOrder[],
): readonly SignedOrder[] {
  const { bids, offers } = cleared.submitted;
  const context = contextOf(state, cleared.event);
  const digestOf = (order: SignedOrder) => toHex(orderDigest(order, context));
  const known = new Map([...bids, ...offers].map((order) => [digestOf(order), toHex(order.signature)]));
  const others = new Map<Hex, SignedOrder>();
  for (const order of archived) {
    const digest = isEncodable(order) ? digestOf(order) : null;
    // A submitted order was verified with the signature that the chain saw.
    if (digest !== null && known.get(digest) === toHex(order.signature)) continue;
    verifyArchived(state, cleared, order);
    if (digest !== null && !known.has(digest)) others.set(digest, order);
  }
  return [...others.values()];
}

/** An archived order was signed by somebody who signs for its member or did before, and keeps to the limits of its area. */
function verifyArchived(state: PoolState, cleared: ClearedBook, order: SignedOrder): void {
  const { event } = cleared;
  const { participant: member, side, energyWh, limitPriceMicroPerKwh: price } = order;
  addCount(state.counts, "pool.orders");
  addCount(state.counts, "pool.signatures");
  const { signer, formerSigners } = state.areas.standingWithFormer(gateOf(cleared, member));
  const signers = new Set([...formerSigners, ...(signer === null ? [] : [signer])]);
  const fault =
    findArchivedSignerFault({ order, context: contextOf(state, event), signers }) ??
    findLimitFault(order, cleared.interval.terms.terms);
  if (fault === null) return;
  const finding = `the archived ${side} of member ${member} (${energyWh} Wh at ${price} micro/kWh) ${fault.words}`;
  refuseInterval(event, fault.rule, finding, { member, side });
}

/** Whether the market would have taken the signature: an account may be suspended, a signer change before the gate closes. */
function isSigned(state: PoolState, cleared: ClearedBook, order: SignedOrder): boolean {
  const standing = state.areas.standingOf(gateOf(cleared, order.participant));
  return findSignerFault({ order, context: contextOf(state, cleared.event), standing }) === null;
}

function gateOf({ event: { areaId, intervalId }, interval }: ClearedBook, member: number): MemberGate {
  return { areaId, member, closesAt: gateClosesAt(intervalId, interval.terms.terms) };
}

function requireNoneOmitted(
  { event, interval, submitted }: ClearedBook,
  others: readonly SignedOrder[],
  isWhole: boolean,
): void {
  const omitted = findOmittedOrder({ submitted, others, pricing: interval.packing.pricing });
  if (omitted === null) return;
  const { order, side, position } = omitted;
  const finding = isWhole ? omitted.finding : `${omitted.finding}; moreover ${ROOT_DIFFERS}`;
  refuseInterval(event, "omittedOrder", finding, { member: order.participant, side, position });
}

function contextOf({ separator }: PoolState, { areaId, intervalId }: ClearedBook["event"]): OrderContext {
  return { separator, areaId, intervalId };
}
