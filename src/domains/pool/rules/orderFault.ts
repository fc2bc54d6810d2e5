import type { MemberStanding } from "#domains/accounts/rules/standing.ts";
import { compareMerit } from "#kernel/auction/compareMerit.ts";
import type { Side } from "#kernel/auction/order.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import type { AreaTerms } from "./area.ts";
import type { DeclaredOutcome } from "./clearingPlan.ts";
import { auctionOrder, MAX_SEQUENCE } from "./order.ts";
import { type OrderContext, orderSigner, type SignedOrder } from "./signedOrder.ts";

/** What is wrong with an order, in words that go on after its name. */
export type OrderFault = {
  readonly rule:
    | "memberNotTradable"
    | "orderSignature"
    | "orderEnergy"
    | "orderPrice"
    | "orderSequence"
    | "meritOrder"
    | "bothSides";
  readonly words: string;
};

/** The member may trade in its area, and its signer signed the order (R5.6, R6.1). */
export function findSignerFault({
  order,
  context,
  standing: { signer, isTradable },
}: {
  order: SignedOrder;
  context: OrderContext;
  standing: Pick<MemberStanding, "signer" | "isTradable">;
}): OrderFault | null {
  if (signer === null || !isTradable)
    return { rule: "memberNotTradable", words: `may not trade in area ${context.areaId}` };
  if (orderSigner(order, context) !== signer)
    return { rule: "orderSignature", words: `is not signed by ${signer}` };
  return null;
}

/** An order that was archived, not submitted, was signed by somebody who signs for its member or did before (R9.8). */
export function findArchivedSignerFault({
  order,
  context,
  signers,
}: {
  order: SignedOrder;
  context: OrderContext;
  signers: ReadonlySet<Address>;
}): OrderFault | null {
  const signer = isEncodable(order) ? orderSigner(order, context) : null;
  if (signer !== null && signers.has(signer)) return null;
  return { rule: "orderSignature", words: "is not signed by anyone who signs for its member" };
}

/** Whether an order fits the bytes of a packed one; what does not was signed by nobody. */
export function isEncodable({
  participant,
  limitPriceMicroPerKwh,
  energyWh,
  sequence,
}: SignedOrder): boolean {
  const isWithin = (value: number, least: number, end: number) =>
    Number.isInteger(value) && value >= least && value < end;
  return (
    isWithin(participant, 0, 2 ** 16) &&
    isWithin(limitPriceMicroPerKwh, -(2 ** 31), 2 ** 31) &&
    isWithin(energyWh, 0, 2 ** 32) &&
    isWithin(sequence, 0, MAX_SEQUENCE + 1)
  );
}

/** An order is for some energy, at a limit price within the band of its area (R5.6), and one of the sixteen at its price. */
export function findLimitFault(order: SignedOrder, terms: AreaTerms): OrderFault | null {
  if (order.energyWh < 1) return { rule: "orderEnergy", words: "is for 0 Wh" };
  const price = BigInt(order.limitPriceMicroPerKwh);
  if (price < terms.floorMicroPerKwh || price > terms.ceilingMicroPerKwh)
    return {
      rule: "orderPrice",
      words: `has a limit of ${price} micro/kWh, outside ${terms.floorMicroPerKwh}…${terms.ceilingMicroPerKwh} micro/kWh`,
    };
  if (order.sequence > MAX_SEQUENCE)
    return { rule: "orderSequence", words: `has the sequence ${order.sequence}, above ${MAX_SEQUENCE}` };
  return null;
}

/** A member bids or offers in an interval, not both; `sides` are those of the orders that came before. */
export function findSideFault(
  { participant, side }: SignedOrder,
  sides: ReadonlyMap<number, Side>,
): OrderFault | null {
  if ((sides.get(participant) ?? side) === side) return null;
  return { rule: "bothSides", words: "is of a member that is on the other side too" };
}

/** A submitted order is within the declared members, and stands behind the one before it, so that none comes twice. */
export function findPlaceFault({
  order,
  last,
  outcome: { firstMember, lastMember },
}: {
  order: SignedOrder;
  last: SignedOrder | null;
  outcome: Pick<DeclaredOutcome, "firstMember" | "lastMember">;
}): OrderFault | null {
  if (order.participant < firstMember || order.participant > lastMember)
    return {
      rule: "memberNotTradable",
      words: `is outside the declared members ${firstMember}…${lastMember}`,
    };
  if (last !== null && compareMerit(auctionOrder(last), auctionOrder(order)) >= 0)
    return { rule: "meritOrder", words: "does not stand behind the order before it" };
  return null;
}
