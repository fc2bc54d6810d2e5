import type { AreaAccounts } from "#market/area.ts";
import type { Pricing } from "#market/order.ts";
import type { Address } from "./hex.ts";
import type { ReadingQuality } from "./meterReading.ts";

/*
 * Evidence as a server sends it (docs/api.md): money, prices and energies of sums as decimal strings, bytes as hexadecimal.
 * Packed orders and words are as the contract takes them.
 */

type Text = string;

export type IntervalEvidenceJson = {
  readonly areaId: number;
  readonly intervalId: number;
  readonly chainId: number;
  readonly poolMarket: Text;
  readonly meterLedger: Text;
  readonly deployment: DeploymentJson;
  readonly status: Text;
  readonly operator: Text;
  readonly accounts: AreaAccounts;
  readonly terms: TermsJson;
  readonly steps: readonly StepJson[];
  readonly book: BookJson | null;
  readonly cleared: ClearedJson | null;
  readonly readings: { readonly root: Text; readonly version: number; readonly meters: number } | null;
  readonly openedReadings: readonly OpenedReadingJson[];
  readonly pages: readonly PageJson[];
  readonly closing: ClosingJson | null;
  readonly movements: readonly MovementJson[];
  readonly transactions: readonly TransactionJson[];
};

/** Where the contracts stand; the one part of the evidence that is used as it comes, to ask a node of the chain. */
export type DeploymentJson = {
  readonly chainId: number;
  readonly deployedAtBlock: number;
  readonly token: Address;
  readonly registry: Address;
  readonly clearingHouse: Address;
  readonly meterLedger: Address;
  readonly poolAreaLib: Address;
  readonly poolSettlementLib: Address;
  readonly poolMarket: Address;
};

export type TermsJson = {
  readonly intervalSeconds: number;
  readonly gateClosureSeconds: number;
  readonly pricing: Pricing;
  readonly floorMicroPerKwh: Text;
  readonly ceilingMicroPerKwh: Text;
  readonly upstreamPriceMicroPerKwh: Text;
  readonly penaltyPermille: Text;
  readonly surplusPriceMicroPerKwh: Text;
  readonly gridFeeMicroPerKwh: Text;
};

export type RationingJson = {
  readonly levelWh: number;
  readonly filledWh: number;
  readonly cutRemainder: number;
  readonly cutParticipant: number;
};

export type OutcomeJson = {
  readonly areaId: number;
  readonly intervalId: number;
  readonly marginalBid: number;
  readonly marginalOffer: number;
  readonly bids: RationingJson;
  readonly offers: RationingJson;
  readonly firstAccount: number;
  readonly lastAccount: number;
  readonly bookRoot: Text;
};

export type StandingJson = {
  readonly account: number;
  readonly signer: Text | null;
  readonly isTradable: boolean;
  readonly formerSigners: readonly Text[];
};

export type StepJson = {
  readonly step: number;
  readonly transactionHash: Text;
  readonly pricing: Pricing;
  readonly outcome: OutcomeJson;
  readonly bids: Text;
  readonly offers: Text;
  readonly isLast: boolean;
  readonly positions: readonly Text[];
  readonly signers: readonly StandingJson[];
  readonly heldMicro: Text | null;
};

export type BookJson = {
  readonly root: Text;
  readonly isComplete: boolean;
  readonly bids: Text;
  readonly offers: Text;
  readonly signers: readonly StandingJson[];
};

export type ClearedJson = {
  readonly pricing: Pricing;
  readonly localPriceMicroPerKwh: Text;
  readonly clearedWh: Text;
  readonly bookRoot: Text;
};

export type OpenedReadingJson = {
  readonly account: number;
  readonly meterId: Text | null;
  readonly importWh: Text;
  readonly exportWh: Text;
  readonly quality: ReadingQuality;
  readonly version: number;
  readonly signature: Text | null;
  readonly deviceKey: Text | null;
};

export type ShownJson = {
  readonly opened: readonly Text[];
  readonly leaves: readonly Text[];
  readonly segmentIndex: number;
  readonly segments: number;
  readonly path: readonly Text[];
};

export type PageJson = {
  readonly page: number;
  readonly transactionHash: Text;
  readonly gridFeeMicro: Text;
  readonly shown: ShownJson | null;
  readonly releasedMicro: Text | null;
};

export type ClosingJson = {
  readonly supplierMicro: Text;
  readonly remainderMicro: Text;
  readonly releasedMicro: Text | null;
};

export type MovementJson = {
  readonly account: number;
  readonly kind: Text;
  readonly freeMicro: Text;
  readonly marginMicro: Text;
  readonly escrowMicro: Text;
  readonly transactionHash: Text;
};

export type TransactionJson = {
  readonly transactionHash: Text;
  readonly block: number;
  readonly timestamp: number;
  readonly sender: Text;
  readonly purpose: Text | null;
  readonly gasUsed: Text;
};
