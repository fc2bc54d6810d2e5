import type { Hex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { EventPlace } from "#platform/chain/contractSpec.ts";
import type { EvidenceFault } from "#platform/chain/evidencedHistory.ts";

/** What an audit can find wrong. `docs/audit.md` says what each means. */
export type AuditRule =
  | EvidenceFault["rule"]
  | "accountNumber"
  | "ownerTwice"
  | "unknownAccount"
  | "membership"
  | "meterTwice"
  | "unknownMeter"
  | "areaNumber"
  | "areaTerms"
  | "unknownArea"
  | "supplyNotAccepted"
  | "hiddenSubmission"
  | "submissionPlace"
  | "stage"
  | "operator"
  | "gateOpen"
  | "deliveryOver"
  | "pricing"
  | "outcomeChanged"
  | "accountNotTradable"
  | "orderSignature"
  | "orderEnergy"
  | "orderPrice"
  | "meritOrder"
  | "marginalPrice"
  | "rationing"
  | "localPrice"
  | "clearedEnergy"
  | "bookRoot"
  | "omittedOrder"
  | "reserve"
  | "marginOverdrawn"
  | "freeOverdrawn"
  | "marginOverflow"
  | "unexplainedMovement"
  | "tokenTransfer"
  | "publicationVersion"
  | "publicationInUse"
  | "readingPlace"
  | "readingSignature"
  | "readingTwice"
  | "readingMissing"
  | "readingsRoot"
  | "readingOpened"
  | "claim"
  | "deliveryNotOver"
  | "positions"
  | "pageTwice"
  | "gridFee"
  | "released"
  | "supplierPayment"
  | "remainder"
  | "tooEarlyToVoid"
  | "freeBalance"
  | "margin"
  | "escrow"
  | "heldBalance"
  | "tokenBalance";

/** Which thing on the chain is meant; only what is known of it. */
export type DiscrepancySubject = {
  readonly areaId?: number;
  readonly intervalId?: number;
  readonly page?: number;
  readonly account?: number;
  readonly side?: "bid" | "offer";
  /** Place of an order on its side of the interval's book, from 1. */
  readonly position?: number;
};

/** The first thing that does not add up, and where it stands. */
export type Discrepancy = DiscrepancySubject & {
  readonly rule: AuditRule;
  readonly sentence: string;
  readonly block: number;
  readonly transactionHash: Hex | null;
};

type Place = Pick<EventPlace, "block"> & { readonly transactionHash: Hex | null };

/** Where something stands, for people: the interval and area when known, block and transaction. */
function placeWords({ block, transactionHash }: Place, subject: DiscrepancySubject): string {
  const area = subject.areaId === undefined ? [] : [`area ${subject.areaId}`];
  const market = subject.intervalId === undefined ? area : [`interval ${subject.intervalId} of ${area}`];
  const transaction = transactionHash === null ? [] : [`transaction ${transactionHash}`];
  return [...market, `block ${block}`, ...transaction].join(", ");
}

/** What was found at a place, with its sentence; `finding` is the sentence without its place. */
export function discrepancyAt(
  place: Place,
  found: DiscrepancySubject & { readonly rule: AuditRule; readonly finding: string },
): DiscrepancyFound {
  const { rule, finding, ...subject } = found;
  const { block, transactionHash } = place;
  const sentence = `${placeWords(place, subject)}: ${finding}`;
  return new DiscrepancyFound({ rule, sentence, block, transactionHash, ...subject });
}

/** Ends the replay: what was found goes into the report. */
export class DiscrepancyFound extends DomainError {
  readonly code = "discrepancy";
  readonly discrepancy: Discrepancy;

  constructor(discrepancy: Discrepancy) {
    super(discrepancy.sentence);
    this.discrepancy = discrepancy;
  }

  /** The same, with what the hashes of its block say. */
  withEvidence(fault: string): DiscrepancyFound {
    return new DiscrepancyFound({ ...this.discrepancy, sentence: `${this.message}; moreover ${fault}` });
  }
}
