import { MICRO_PER_PRICE_STEP, roundParts } from "#kernel/units/roundedParts.ts";
import type { Community } from "../community.ts";

export type PricePart = {
  readonly kind: "energy" | "fee" | "levies";
  /** Micro per kWh. */
  readonly micro: bigint;
};

/** Where a kWh can be bought, and what its price is made of. */
export type Offer = { readonly name: string; readonly parts: readonly PricePart[] };

/** The prices of an offer with what is written for each, so that the parts add up to the whole. */
export function shownOffer({ parts }: Offer) {
  const exact = parts.map(({ micro }) => micro);
  const shown = roundParts(exact, { unit: MICRO_PER_PRICE_STEP });
  return {
    parts: parts.map((part, i) => ({ ...part, shown: shown.parts[i] ?? part.micro })),
    total: { micro: exact.reduce((sum, micro) => sum + micro, 0n), shown: shown.total },
  };
}

/** From a neighbour, as far as a price is known or expected, and from the supplier (R2.50). */
export function offersOf({ current, nextForecast, leviesMicroPerKwh, retail }: Community): Offer[] {
  const known = current.price.energyMicroPerKwh;
  const energy = known ?? nextForecast.energyMicroPerKwh;
  const local: Offer[] =
    energy === null
      ? []
      : [
          {
            name: known === null ? "From a neighbour, as expected" : "From a neighbour",
            parts: [
              { kind: "energy", micro: BigInt(energy) },
              { kind: "fee", micro: BigInt(current.price.gridFeeMicroPerKwh) },
              { kind: "levies", micro: BigInt(leviesMicroPerKwh) },
            ],
          },
        ];
  const supplier: Offer[] = retail
    ? [
        {
          name: "From the supplier",
          parts: [
            { kind: "energy", micro: BigInt(retail.energyMicroPerKwh) },
            { kind: "fee", micro: BigInt(retail.gridFeeMicroPerKwh) },
            { kind: "levies", micro: BigInt(retail.leviesMicroPerKwh) },
          ],
        },
      ]
    : wholeRetail(current.price.retailMicroPerKwh);
  return [...local, ...supplier];
}

/** A tariff whose parts are not known is shown as a whole. */
function wholeRetail(retailMicroPerKwh: string | null): Offer[] {
  if (retailMicroPerKwh === null) return [];
  return [
    { name: "From the supplier, all in", parts: [{ kind: "energy", micro: BigInt(retailMicroPerKwh) }] },
  ];
}
