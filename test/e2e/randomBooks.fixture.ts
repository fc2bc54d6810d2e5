import fc from "fast-check";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import type { Submission } from "#domains/pool/rules/clearingPlan.ts";
import type { Order } from "#domains/pool/rules/order.ts";

export const UNIFORM: AreaTerms = {
  intervalSeconds: 900,
  gateClosureSeconds: 300,
  pricing: "uniform",
  floorMicroPerKwh: 80_000n,
  ceilingMicroPerKwh: 320_001n,
  upstreamPriceMicroPerKwh: 320_001n,
  penaltyPermille: 1_333n,
  surplusPriceMicroPerKwh: 79_999n,
  gridFeeMicroPerKwh: 20_003n,
};
/** Everything below zero that may be: prices, and energy that has to be disposed of at a cost. */
const MIDPOINT: AreaTerms = {
  ...UNIFORM,
  intervalSeconds: 300,
  gateClosureSeconds: 600,
  pricing: "midpoint",
  floorMicroPerKwh: -250_001n,
  ceilingMicroPerKwh: 99_999n,
  upstreamPriceMicroPerKwh: 100_003n,
  surplusPriceMicroPerKwh: -300_001n,
};
/** Areas by number of story: their terms, who trades there, and whether their supplier stands for the surpluses. */
export const AREAS = [
  { terms: UNIFORM, traders: [4, 5, 6, 255, 256, 767, 768, 770], isSupplied: true },
  { terms: MIDPOINT, traders: [9, 10, 11, 257, 766, 769, 771, 773], isSupplied: true },
  {
    terms: { ...UNIFORM, pricing: "marginal" } as AreaTerms,
    traders: [12, 13, 14, 254, 258, 765, 767, 772],
    isSupplied: false,
  },
];
/** Books in which each member buys or sells, but never both. */
export function booksOf({ terms, traders }: (typeof AREAS)[number], { minLength }: { minLength: number }) {
  const [floor, ceiling] = [Number(terms.floorMicroPerKwh), Number(terms.ceilingMicroPerKwh)];
  const fewPrices = fc.constantFrom(floor, floor + 70_001, floor + 70_002, ceiling - 70_000, ceiling);
  const price = fc.oneof({ weight: 3, arbitrary: fewPrices }, fc.integer({ min: floor, max: ceiling }));
  const energyWh = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3_000_000 }));
  const orders = fc.uniqueArray(
    fc.record({
      participant: fc.constantFrom(...traders),
      energyWh,
      limitPriceMicroPerKwh: price,
      sequence: fc.nat(3),
    }),
    { minLength, maxLength: 30, selector: (order) => JSON.stringify({ ...order, energyWh: 0 }) },
  );
  const buyers = fc.subarray([...traders]);
  return fc.tuple(orders, buyers).map(([all, buying]) =>
    all.map((order): Order<number> => {
      const side = buying.includes(order.participant) ? "bid" : "offer";
      return { ...order, side };
    }),
  );
}

/** For each trader how much of what it traded its meter shows, in hundredths; null where nothing came of its meter. */
export type Shares = readonly (number | null)[];
const shares = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 33, 100, 250) },
  { weight: 1, arbitrary: fc.constant(null) },
);
export const meterings: fc.Arbitrary<Shares> = fc.array(shares, { minLength: 8, maxLength: 8 });
export const submissions = fc.constantFrom<Submission>("needed", "all");
export const stepSizes = fc.constantFrom(1, 3, 5, 8, 512);
