/**
 * How far an interval is, everywhere: on the chain, in the database, in evidence and on the wire.
 *
 * - `collecting`: orders are taken, or nothing happened at all
 * - `clearing`: cleared in part; more steps follow
 * - `cleared`: cleared, and to be settled
 * - `untraded`: cleared without a trade: nothing is to be paid
 * - `settling`, `settled`: a page is paid; all are
 * - `returning`, `returned`: a page is given back; all are
 */
export const STAGES = [
  "collecting",
  "clearing",
  "cleared",
  "untraded",
  "settling",
  "settled",
  "returning",
  "returned",
] as const;

export type Stage = (typeof STAGES)[number];

/**
 * What is known of an interval's local price: not yet, since it is not cleared; that there is none, since nothing was traded;
 * or the price. Unknown, none and zero are three things.
 */
export const PRICE_STATES = ["pending", "none", "known"] as const;

export type PriceState = (typeof PRICE_STATES)[number];

/** The stages before the clearing of an interval is complete: what it trades, and at which price, is not known. */
export const UNCLEARED_STAGES = ["collecting", "clearing"] as const satisfies readonly Stage[];

/** What is known of the price of an interval at a stage; `localPrice` is null where none is recorded. */
export function priceState(stage: Stage, localPrice: bigint | null): PriceState {
  if (localPrice !== null) return "known";
  return stage === "collecting" || stage === "clearing" ? "pending" : "none";
}

/** The stages of a cleared interval in which nothing is left to be paid. */
export const PAID_STAGES = ["settled", "untraded"] as const satisfies readonly Stage[];

/** Whether a cleared interval has nothing left to be paid. */
export function isPaid(stage: Stage): boolean {
  return stage === "settled" || stage === "untraded";
}

/**
 * Whether all steps of a clearing were in, and none of it is given back: what a settlement pays, and whose readings it opens.
 */
export function isComplete(stage: Stage): boolean {
  return stage === "cleared" || stage === "settling" || isPaid(stage);
}
