import type { DecodeFunctionDataReturnType } from "viem";
import { fromHex, type Hex } from "#kernel/crypto/hex.ts";
import { readCalls } from "#platform/chain/readCalls.ts";
import { quotaMarketContract } from "./contracts.generated.ts";
import type { BroughtReading } from "./rules/paymentFaults.ts";
import { type SignedQuotaOrder, unpackQuotaOrders } from "./rules/signedQuotaOrder.ts";

/** What a clearing of quotas brought: signed orders in merit order. */
export type AuctionSubmission = {
  readonly bids: readonly SignedQuotaOrder[];
  readonly offers: readonly SignedQuotaOrder[];
};

/** What a payment brought for each interval. */
export type PaymentSubmission = readonly BroughtReading[];

type Period = { readonly areaId: number; readonly period: number };
type Station = Period & { readonly member: number };

/** What one call of the quota market brought, and for which period. */
export type QuotaSubmission =
  | (Period & { readonly of: "auction"; readonly brought: AuctionSubmission })
  | (Station & { readonly of: "payment"; readonly brought: PaymentSubmission });

/** What the calls of a transaction to the quota market brought, in order. Bytes that are no call of it give nothing. */
export function quotaSubmissionsOf(input: Hex): QuotaSubmission[] {
  return readCalls(quotaMarketContract.abi, input).flatMap((call) => submissionOf(call as Call) ?? []);
}

/** Takes the first auction of this period out of the list, as the contract went through its calls. */
export function takeAuction(list: QuotaSubmission[], { areaId, period }: Period): AuctionSubmission | null {
  const found = list.find(
    (each) => each.of === "auction" && each.areaId === areaId && each.period === period,
  );
  return found?.of === "auction" ? take(list, found).brought : null;
}

/** The same for a station's payment. */
export function takePayment(
  list: QuotaSubmission[],
  { areaId, period, member }: Station,
): PaymentSubmission | null {
  const found = list.find(
    (each) =>
      each.of === "payment" && each.areaId === areaId && each.period === period && each.member === member,
  );
  return found?.of === "payment" ? take(list, found).brought : null;
}

function take<S extends QuotaSubmission>(list: QuotaSubmission[], found: S): S {
  list.splice(list.indexOf(found), 1);
  return found;
}

type Call = DecodeFunctionDataReturnType<typeof quotaMarketContract.abi>;

function submissionOf(call: Call): QuotaSubmission | null {
  switch (call.functionName) {
    case "clear": {
      const [{ areaId, period }, bids, offers] = call.args;
      const brought = {
        bids: unpackQuotaOrders(fromHex(bids), "bid"),
        offers: unpackQuotaOrders(fromHex(offers), "offer"),
      };
      return { of: "auction", areaId, period, brought };
    }
    case "pay": {
      const [areaId, period, member, brought] = call.args;
      return { of: "payment", areaId, period, member, brought };
    }
    default:
      return null;
  }
}
