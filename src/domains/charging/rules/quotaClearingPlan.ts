import type { Clearing } from "#kernel/auction/clearing.ts";
import { midpoint } from "#kernel/auction/clearing.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import type { Rationing } from "#kernel/auction/rationing.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { auctionQuotas, type QuotaAuction } from "./quotaAuction.ts";
import {
  type QuotaOrderContext,
  quotaBookRootOf,
  type SignedQuotaBook,
  type SignedQuotaOrder,
  sortQuotaOrders,
} from "./signedQuotaOrder.ts";

/** How the orders at a marginal price share what is left, as the contract reads it. */
export type DeclaredRationing = {
  readonly levelQuantity: bigint;
  readonly filledQuantity: bigint;
  readonly cutRemainder: bigint;
  readonly cutMember: number;
};

/** What the DSO declares of an auction, in the contract's words. Prices in micro per kW; 0 without a trade. */
export type DeclaredQuotas = {
  readonly areaId: number;
  readonly period: number;
  readonly firstMember: number;
  readonly lastMember: number;
  readonly marginalBid: number;
  readonly marginalOffer: number;
  readonly localPrice: number;
  readonly clearedW: number;
  readonly bids: DeclaredRationing;
  readonly offers: DeclaredRationing;
  readonly bookRoot: Hex;
};

/** An auction ready to be submitted: all orders in merit order, since a transaction takes those of 256 stations. */
export type QuotaClearingPlan = {
  readonly book: SignedQuotaBook;
  readonly auction: QuotaAuction;
  readonly outcome: DeclaredQuotas;
};

/** Clears signed orders of a period, and says what the contract has to be told. */
export function planQuotaClearing(
  orders: readonly SignedQuotaOrder[],
  pricing: Pricing,
  context: QuotaOrderContext,
): QuotaClearingPlan {
  const book = sortQuotaOrders(orders);
  const auction = auctionQuotas([...book.bids, ...book.offers], pricing);
  const { clearing } = auction;
  const members = orders.map(({ participant }) => participant);
  return {
    book,
    auction,
    outcome: {
      areaId: context.areaId,
      period: context.period,
      firstMember: members.length === 0 ? 0 : Math.min(...members),
      lastMember: Math.max(0, ...members),
      marginalBid: clearing.marginalBidMicroPerThousand ?? 0,
      marginalOffer: clearing.marginalOfferMicroPerThousand ?? 0,
      localPrice: localPriceOf(clearing),
      clearedW: clearing.clearedQuantity,
      bids: declare(clearing.bidRationing),
      offers: declare(clearing.offerRationing),
      bookRoot: quotaBookRootOf(book, context),
    },
  };
}

/** The one price of all trades; with midpoints that of the marginal pair; 0 without a trade. */
function localPriceOf(clearing: Clearing): number {
  const { clearingPriceMicroPerThousand, marginalBidMicroPerThousand, marginalOfferMicroPerThousand } =
    clearing;
  if (marginalBidMicroPerThousand === null || marginalOfferMicroPerThousand === null) return 0;
  return (
    clearingPriceMicroPerThousand ?? midpoint(marginalBidMicroPerThousand, marginalOfferMicroPerThousand)
  );
}

function declare({
  levelQuantity,
  filledQuantity,
  cutRemainder,
  cutParticipant,
}: Rationing): DeclaredRationing {
  return {
    levelQuantity: BigInt(levelQuantity),
    filledQuantity: BigInt(filledQuantity),
    cutRemainder: BigInt(cutRemainder),
    cutMember: cutParticipant,
  };
}
