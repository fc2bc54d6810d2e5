import { type AreaTerms, termsFaults } from "#domains/pool/rules/area.ts";
import { type ScenarioFile, ScenarioFileError } from "./scenarioFile.ts";

const SECONDS_PER_MINUTE = 60;

/** Lowest feed-in and highest retail price over a run, micro per kWh. */
export type TariffExtremes = { readonly leastFeedIn: number; readonly mostRetail: number };

/**
 * The market's terms: what the file says, and otherwise what the tariff implies. The band runs from the lowest feed-in
 * to the highest retail price (R5.6), energy from upstream costs the highest retail price, and the supplier takes
 * unconsumed energy at the lowest feed-in price.
 *
 * @throws ScenarioFileError when the terms contradict each other
 */
export function areaTerms(
  { market }: Pick<ScenarioFile, "market">,
  {
    intervalSeconds,
    extremes,
    source,
  }: { intervalSeconds: number; extremes: TariffExtremes; source: string },
): AreaTerms {
  const floorMicroPerKwh = BigInt(market.floorMicroPerKwh ?? extremes.leastFeedIn);
  const ceilingMicroPerKwh = BigInt(market.ceilingMicroPerKwh ?? extremes.mostRetail);
  const terms: AreaTerms = {
    intervalSeconds,
    gateClosureSeconds: market.gateClosureMinutes * SECONDS_PER_MINUTE,
    pricing: market.pricing,
    floorMicroPerKwh,
    ceilingMicroPerKwh,
    upstreamPriceMicroPerKwh: BigInt(market.upstreamPriceMicroPerKwh ?? Math.max(0, extremes.mostRetail)),
    penaltyPermille: BigInt(market.penaltyPermille),
    surplusPriceMicroPerKwh: BigInt(market.surplusPriceMicroPerKwh ?? extremes.leastFeedIn),
    gridFeeMicroPerKwh: BigInt(market.gridFeeMicroPerKwh),
  };
  const faults = [...termsFaults(terms), ...bandFaults(terms, extremes)];
  if (faults.length > 0) throw new ScenarioFileError(source, faults);
  return terms;
}

/** Homes quote between feed-in and retail price; a narrower band would refuse their orders. */
function bandFaults(terms: AreaTerms, { leastFeedIn, mostRetail }: TariffExtremes): readonly string[] {
  const faults: string[] = [];
  if (Number(terms.floorMicroPerKwh) > leastFeedIn)
    faults.push(
      `floor ${terms.floorMicroPerKwh} micro/kWh is above the feed-in price ${leastFeedIn} micro/kWh`,
    );
  if (Number(terms.ceilingMicroPerKwh) < mostRetail - Number(terms.gridFeeMicroPerKwh))
    faults.push(
      `ceiling ${terms.ceilingMicroPerKwh} micro/kWh is below retail ${mostRetail} less grid fee ${terms.gridFeeMicroPerKwh} micro/kWh`,
    );
  return faults;
}
