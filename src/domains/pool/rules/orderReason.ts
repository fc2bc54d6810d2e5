import type { FillReason } from "#kernel/auction/explainFill.ts";

/**
 * What became of an order: in a cleared book by {@link FillReason}; before that `open` at the desk, or `submitted` in a
 * clearing that is not complete, or `abandoned` with one that was given up, after which another may come as long as delivery
 * has not begun; or `refused` by the chain, for a contract's error.
 */
export type OrderReason =
  | FillReason
  | { readonly kind: "open"; readonly gateClosesAt: number }
  | { readonly kind: "submitted" }
  | { readonly kind: "abandoned"; readonly isOver: boolean }
  | { readonly kind: "refused"; readonly refusal: string };
