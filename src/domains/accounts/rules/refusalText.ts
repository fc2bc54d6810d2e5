/** Why the chain does not take an order of a member, by the contract's error. */
const REFUSALS: Readonly<Record<string, string>> = {
  InsufficientMargin: "the member's margin did not cover what its orders could cost at worst",
  MarginsFallShort: "the member's margin did not cover what its orders could cost at worst",
  PaymentTooLarge: "its amount is larger than the contract can hold",
  NotTradable: "the member may not trade in this area",
  InvalidSignature: "its signature is not that of who signed for the member when the gate closed",
  OutsidePriceBand: "its limit price is outside the area's price band",
  OnBothSides: "the member bid and offered in the same interval",
  AboveCapacity: "it comes to more energy than the member's connection carries in an interval",
  TooManyOrders: "the member had more orders than an interval takes",
};

/** Why the chain refused an order, to follow "since". */
export function refusalText(refusal: string): string {
  return REFUSALS[refusal] ?? `the contract answered ${refusal}`;
}
