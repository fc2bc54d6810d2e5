import type { MemberStanding } from "#domains/accounts/rules/standing.ts";
import type { SaidTrade } from "#domains/charging/rules/auctionFaults.ts";
import type { PeriodCharge } from "#domains/charging/rules/charges.ts";
import type { BroughtReading } from "#domains/charging/rules/paymentFaults.ts";
import type { SaidDivision } from "#domains/charging/rules/periodFaults.ts";
import type { QuotaTerms } from "#domains/charging/rules/quotaTerms.ts";
import type { SignedQuotaBook } from "#domains/charging/rules/signedQuotaOrder.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";

/** Who stood for a station at a step of the period. */
export type StationStanding = Pick<MemberStanding, "signer" | "isTradable" | "capacityW">;

/** All that proves one period of quotas. Times in unix s, powers in W, money in micro; `null` where a step is to come. */
export type PeriodEvidence = {
  readonly chainId: number;
  readonly quotaMarket: Address;
  readonly meterLedger: Address;
  readonly areaId: number;
  readonly period: number;
  readonly intervalSeconds: number;
  readonly waitingSeconds: number;
  /** Who owned the DSO's account when it said the margin. */
  readonly dsoOwner: Address | null;
  readonly version: number;
  readonly terms: QuotaTerms;
  readonly opening: OpeningEvidence;
  readonly demands: readonly DemandEvidence[];
  readonly division: (SaidDivision & { readonly timestamp: number }) | null;
  readonly auction: AuctionEvidence | null;
  readonly publications: readonly PublicationEvidence[];
  readonly payments: readonly PaymentEvidence[];
  readonly withdrawals: readonly WithdrawalEvidence[];
};

export type OpeningEvidence = {
  readonly timestamp: number;
  readonly sender: Address;
  readonly termsVersion: number;
  readonly marginW: number;
  readonly forecastW: number;
  readonly reserveW: number;
  readonly tariffMicroPerKwh: bigint;
};

export type DemandEvidence = {
  readonly member: number;
  readonly timestamp: number;
  readonly demandW: number;
  readonly depositMicro: bigint;
  readonly standing: StationStanding;
};

/** `book` is null where the auction did not reach the market directly. */
export type AuctionEvidence = {
  readonly timestamp: number;
  readonly sender: Address;
  readonly localPriceMicroPerKw: number;
  readonly clearedW: number;
  readonly remainderMicro: bigint;
  readonly bookRoot: Hex;
  readonly trades: readonly SaidTrade[];
  readonly book: SignedQuotaBook | null;
  readonly standings: ReadonlyMap<number, StationStanding>;
};

export type PublicationEvidence = {
  readonly intervalId: number;
  readonly version: number;
  readonly root: Hex;
  readonly block: number;
};

/** `brought` is null where the payment did not reach the market directly. */
export type PaymentEvidence = PeriodCharge & {
  readonly member: number;
  readonly missing: number;
  readonly timestamp: number;
  readonly block: number;
  readonly brought: readonly BroughtReading[] | null;
};

export type WithdrawalEvidence = {
  readonly member: number;
  readonly timestamp: number;
  readonly amountMicro: bigint;
};
