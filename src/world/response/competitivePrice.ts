import { priceBounds, type SlotTerms } from "#domains/response/rules/slotBid.ts";
import { optimalDemandWh, type Utility } from "#domains/response/rules/utility.ts";

/**
 * The price of a slot in which nobody has power over it: at which the demand that is best for all together meets the generation, whole micro per kWh; upstream's price where it
 * exceeds it even there, the lower bound where it stays below it.
 */
export function competitivePrice(
  utilities: readonly Utility[],
  capacityWh: number,
  terms: SlotTerms,
): number {
  const demandAt = (price: number) =>
    utilities.reduce((sum, utility) => sum + optimalDemandWh(utility, price), 0);
  let { lowestMicroPerKwh: low, highestMicroPerKwh: high } = priceBounds(terms);
  if (demandAt(high) >= capacityWh) return high;
  // Demand falls with the price: above `high` it is too low, and `low` is the last price at which it may be enough.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (demandAt(middle) >= capacityWh) low = middle;
    else high = middle;
  }
  return low;
}
