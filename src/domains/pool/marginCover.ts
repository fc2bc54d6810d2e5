import { type AreaTerms, settlementPrices } from "#domains/pool/rules/area.ts";
import type { ClearingPlan } from "#domains/pool/rules/clearingPlan.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import { startsAt } from "#kernel/units/interval.ts";
import type { MarketView } from "./marketView.ts";

/**
 * Members whose margin does not cover what a plan reserves for them in all its steps. Margin that may leave before delivery
 * starts does not count. The supplier's is not among it: without that, the interval is cleared unsupplied.
 */
export async function membersShortOfMargin(
  { outcome, positions, localPriceMicroPerKwh }: ClearingPlan,
  terms: AreaTerms,
  { countedMargins }: Pick<MarketView, "countedMargins">,
): Promise<ReadonlySet<number>> {
  // A surplus price below zero is charged without a supplier too, so that reserves are the same with and without one.
  const prices = settlementPrices(terms, {
    localPriceMicroPerKwh: BigInt(localPriceMicroPerKwh),
    isSupplied: true,
  });
  const reserves = reservesOf(positions, prices);
  const deliveryStartsAt = startsAt(outcome.intervalId, terms.intervalSeconds);
  const margins = await countedMargins([...reserves.keys()], deliveryStartsAt);
  const short = [...reserves].filter(([member, reserveMicro]) => (margins.get(member) ?? 0n) < reserveMicro);
  return new Set(short.map(([member]) => member));
}
