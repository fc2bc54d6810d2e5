/** Why the chain takes an order of an account not, by the contract's error. */
const REFUSALS: Readonly<Record<string, string>> = {
  InsufficientMargin: "the account's margin did not cover what its orders could cost at worst",
  AmountTooLarge: "its amount is larger than the contract can hold",
  NotTradable: "the account may not trade in this area",
  InvalidSignature: "its signature is not that of whom the account answers to",
  OutsidePriceBand: "its limit price is outside the area's price band",
};

/** Why the chain refused an order, to follow "since". */
export function refusalText(refusal: string): string {
  return REFUSALS[refusal] ?? `the contract answered ${refusal}`;
}
