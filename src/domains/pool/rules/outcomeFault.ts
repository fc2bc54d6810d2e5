import type { Book, SideBook } from "#kernel/auction/book.ts";
import type { Clearing } from "#kernel/auction/clearing.ts";
import type { Side } from "#kernel/auction/order.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { DeclaredOutcome } from "./clearingPlan.ts";
import { type EnergyRationing, energyRationing, grantedWh } from "./energyRationing.ts";
import { localPrice } from "./localPrice.ts";

/** What the contract recorded of a clearing; the local price is 0 without a trade. `termsVersion` says by which rules. */
export type RecordedClearing = {
  readonly termsVersion: number;
  readonly isSupplied: boolean;
  readonly localPriceMicroPerKwh: number;
  readonly clearedWh: bigint;
  readonly bookRoot: Hex;
};

/** What is declared or recorded and not what the book gives. */
export type OutcomeFault = {
  readonly rule: "clearedEnergy" | "bookRoot" | "localPrice" | "marginalPrice" | "rationing";
  readonly finding: string;
  readonly side?: Side;
};

/**
 * Compares what the operator declared, and what the contract recorded, with the book cleared anew (R2.41, R9.8,
 * E9.5–E9.8). Null when they agree. Where nothing is traded the declared prices mean nothing.
 */
export function findOutcomeFault({
  declared,
  recorded,
  book,
  clearing,
}: {
  declared: DeclaredOutcome;
  recorded: Omit<RecordedClearing, "termsVersion" | "isSupplied">;
  book: Book;
  clearing: Clearing;
}): OutcomeFault | null {
  if (recorded.clearedWh !== BigInt(clearing.clearedQuantity))
    return {
      rule: "clearedEnergy",
      finding: `${recorded.clearedWh} Wh are recorded as cleared; the book clears ${clearing.clearedQuantity} Wh`,
    };
  if (recorded.bookRoot !== declared.bookRoot)
    return {
      rule: "bookRoot",
      finding: `the root of the book is recorded as ${recorded.bookRoot}; ${declared.bookRoot} was declared`,
    };
  if (declared.clearedWh !== clearing.clearedQuantity)
    return {
      rule: "clearedEnergy",
      finding: `${declared.clearedWh} Wh are declared as cleared; the book clears ${clearing.clearedQuantity} Wh`,
    };
  const price = localPrice(clearing);
  if (recorded.localPriceMicroPerKwh !== price)
    return {
      rule: "localPrice",
      finding: `the local price is recorded as ${recorded.localPriceMicroPerKwh} micro/kWh; the book gives ${price}`,
    };
  if (clearing.clearedQuantity > 0 && declared.localPrice !== price)
    return {
      rule: "localPrice",
      finding: `the local price is declared as ${declared.localPrice} micro/kWh; the book gives ${price}`,
    };
  return (
    findSideFault({
      side: "bid",
      declaredPrice: declared.marginalBid,
      price: clearing.marginalBidMicroPerThousand,
      declared: declared.bids,
      cleared: energyRationing(clearing.bidRationing),
      book: book.bids,
    }) ??
    findSideFault({
      side: "offer",
      declaredPrice: declared.marginalOffer,
      price: clearing.marginalOfferMicroPerThousand,
      declared: declared.offers,
      cleared: energyRationing(clearing.offerRationing),
      book: book.offers,
    })
  );
}

function findSideFault({
  side,
  declaredPrice,
  price,
  declared,
  cleared,
  book,
}: {
  side: Side;
  declaredPrice: number;
  price: number | null;
  declared: EnergyRationing;
  cleared: EnergyRationing;
  book: SideBook;
}): OutcomeFault | null {
  if (price !== null && declaredPrice !== price)
    return {
      rule: "marginalPrice",
      side,
      finding: `the marginal ${side} is declared at ${declaredPrice} micro/kWh; the book gives ${price}`,
    };
  const isSameLevel = declared.levelWh === cleared.levelWh && declared.filledWh === cleared.filledWh;
  if (isSameLevel && (price === null || hasSameWinners({ price, declared, cleared, book }))) return null;
  return {
    rule: "rationing",
    side,
    finding: `the ${side}s at the marginal price are declared to get ${declared.filledWh} of ${declared.levelWh} Wh (cut at remainder ${declared.cutRemainder}, member ${declared.cutParticipant}); the book gives ${cleared.filledWh} of ${cleared.levelWh} Wh (cut at remainder ${cleared.cutRemainder}, member ${cleared.cutParticipant})`,
  };
}

/** Whether two cuts give the Wh that rounding left to the same participants; one sharing can be written as several cuts. */
function hasSameWinners({
  price,
  declared,
  cleared,
  book,
}: {
  price: number;
  declared: EnergyRationing;
  cleared: EnergyRationing;
  book: SideBook;
}): boolean {
  const claimsWh = new Map<number, bigint>();
  book.limitPriceMicroPerThousand.forEach((limit, i) => {
    const member = book.participant[i] ?? 0;
    if (limit === price) claimsWh.set(member, (claimsWh.get(member) ?? 0n) + BigInt(book.quantity[i] ?? 0));
  });
  return [...claimsWh].every(
    ([member, claimWh]) => grantedWh(member, claimWh, declared) === grantedWh(member, claimWh, cleared),
  );
}
