import type { ReactNode } from "react";
import { durationText } from "#kernel/units/durations.ts";
import { Price } from "../../app/parts/Amount.tsx";
import type { Terms } from "../areas.ts";

/** A rule in plain words; `is` tells one value from another. */
export type Term = {
  readonly name: string;
  readonly is: string | number;
  readonly value: ReactNode;
  readonly meaning: string;
};

const PERMILLE = 1_000;

const PRICINGS: Readonly<Record<Terms["pricing"], { value: string; meaning: string }>> = {
  uniform: {
    value: "one price for all",
    meaning:
      "All trades of an interval have one price, in the middle of the last bid and offer that were filled.",
  },
  marginal: {
    value: "the limit that balances",
    meaning:
      "All trades of an interval have one price, the nearest to the middle at which nobody who got less than it wanted would trade more.",
  },
  midpoint: {
    value: "middle of each pair",
    meaning: "Each trade has the price halfway between the two limits of its buyer and seller.",
  },
};

/** The rules of a market, one version of them. */
export function termsInWords(terms: Terms): Term[] {
  return [...marketTerms(terms), ...settlementTerms(terms)];
}

function marketTerms(terms: Terms): Term[] {
  return [
    {
      name: "Delivery interval",
      is: terms.intervalSeconds,
      value: durationText(terms.intervalSeconds),
      meaning: "Energy is traded, metered and settled for spans of this length.",
    },
    {
      name: "Gate closure",
      is: terms.gateClosureSeconds,
      value: `${durationText(terms.gateClosureSeconds)} before delivery`,
      meaning: "Until then orders for an interval are taken; then its book is cleared.",
    },
    { name: "Pricing", is: terms.pricing, ...PRICINGS[terms.pricing] },
    priceTerm(
      "Lowest price",
      terms.floorMicroPerKwh,
      "No order may ask or bid less. It is meant to be what the supplier pays for energy fed in.",
    ),
    priceTerm(
      "Highest price",
      terms.ceilingMicroPerKwh,
      "No order may ask or bid more. It is meant to be what the supplier charges for energy.",
    ),
  ];
}

function settlementTerms(terms: Terms): Term[] {
  return [
    priceTerm(
      "Supplier’s price",
      terms.upstreamPriceMicroPerKwh,
      "At least this is paid for energy from the supplier that replaces what a seller did not deliver.",
    ),
    {
      name: "Factor on a shortfall",
      is: terms.penaltyPermille,
      value: `× ${Number(terms.penaltyPermille) / PERMILLE}`,
      meaning:
        "A seller pays for what it did not deliver: this factor times the local price or the supplier’s, whichever is higher.",
    },
    priceTerm(
      "Price of unused energy",
      terms.surplusPriceMicroPerKwh,
      "What a buyer gets from the supplier for energy that it bought and did not use. In an interval for which no supplier stands it is nothing.",
    ),
    priceTerm(
      "Grid fee",
      terms.gridFeeMicroPerKwh,
      "Paid to the grid operator for each kWh that was traded and delivered.",
    ),
  ];
}

function priceTerm(name: string, microPerKwh: string, meaning: string): Term {
  return { name, is: microPerKwh, value: <Price micro={microPerKwh} />, meaning };
}
