import type { FillReason } from "#kernel/auction/explainFill.ts";

/**
 * What became of an order: in a cleared book by {@link FillReason}; before that `open` at the desk, or `submitted` in a
 * clearing that is not complete; or `refused` by the chain, for a contract's error.
 */
export type OrderReason =
  | FillReason
  | { readonly kind: "open"; readonly gateClosesAt: number }
  | { readonly kind: "submitted" }
  | { readonly kind: "refused"; readonly refusal: string };
