/**
 * How far a period is: its margin is said and demands come in; the margin is divided; the auction is cleared; stations pay;
 * all that demanded have paid; or nobody divided it in time, and deposits go back.
 */
export type QuotaStage = "collecting" | "divided" | "cleared" | "paying" | "paid" | "undivided";

export const QUOTA_STAGES = [
  "collecting",
  "divided",
  "cleared",
  "paying",
  "paid",
  "undivided",
] as const satisfies readonly QuotaStage[];
