import type { Hex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { EventPlace } from "#platform/chain/contractSpec.ts";

/** Which thing on the chain is meant; only what is known of it. */
export type DiscrepancySubject = {
  readonly areaId?: number;
  readonly intervalId?: number;
  readonly page?: number;
  readonly account?: number;
  /** Of the area. */
  readonly member?: number;
  readonly side?: "bid" | "offer";
  /** Place of an order on its side of the interval's book, from 1. */
  readonly position?: number;
};

/** The first thing that does not add up, and where it stands. `docs/audit.md` says what each rule means. */
export type Discrepancy = DiscrepancySubject & {
  readonly rule: string;
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
  found: DiscrepancySubject & { readonly rule: string; readonly finding: string },
): DiscrepancyFound {
  const { rule, finding, ...subject } = found;
  const { block, transactionHash } = place;
  const sentence = `${placeWords(place, subject)}: ${finding}`;
  return new DiscrepancyFound({ rule, sentence, block, transactionHash, ...subject });
}

/** What is found wrong with an event that belongs to one interval of an area. */
type IntervalEvent = Place & { readonly areaId: number; readonly intervalId: number };

/** Ends the replay at an event of an interval. */
export function refuseInterval(
  event: IntervalEvent,
  rule: string,
  finding: string,
  subject: DiscrepancySubject = {},
): never {
  const { areaId, intervalId } = event;
  throw discrepancyAt(event, { rule, finding, areaId, intervalId, ...subject });
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
