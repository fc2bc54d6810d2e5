import { moneyWords } from "./moneyWords.ts";

/**
 * How far a price lies outside a band, for a sentence: "€0.450 per kWh is €0.050 above the highest price here, €0.400". However
 * little it is, it does not read as a price of the band.
 *
 * @property micro price and ends of the band, micro per `unit`, each end in the band
 */
export function outsideBandText({
  micro,
  floor,
  ceiling,
  unit,
  currency,
}: {
  readonly micro: bigint;
  readonly floor: bigint;
  readonly ceiling: bigint;
  readonly unit: string;
  readonly currency: string;
}): string {
  const { price, priceDifference } = moneyWords(currency);
  const said = `${price(micro)} per ${unit} is`;
  return micro > ceiling
    ? `${said} ${priceDifference(micro, ceiling)} above the highest price here, ${price(ceiling)}`
    : `${said} ${priceDifference(floor, micro)} below the lowest price here, ${price(floor)}`;
}
