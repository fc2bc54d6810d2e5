/** Energy that one account gave another, Wh > 0. */
export type SupplyPair = { readonly seller: number; readonly buyer: number; readonly energyWh: number };

/** A bar of one side: where it stands and how high it is, in pixels. */
export type SupplyBar = {
  readonly account: number;
  readonly energyWh: number;
  readonly y: number;
  readonly height: number;
};

/** A ribbon from a seller's bar to a buyer's: where its upper edge starts on both sides, and its widths, in pixels. */
export type SupplyRibbon = {
  readonly pair: SupplyPair;
  readonly fromY: number;
  readonly toY: number;
  readonly fromHeight: number;
  readonly toHeight: number;
};

export type SupplyLayout = {
  readonly height: number;
  readonly sellers: readonly SupplyBar[];
  readonly buyers: readonly SupplyBar[];
  readonly ribbons: readonly SupplyRibbon[];
};

/** A bar is never lower than a line of text. */
const LEAST_BAR = 24;
const GAP = 4;
/** Pixels for the energy of all pairs together, beyond the least bars. */
const ENERGY_PIXELS = 120;

/** Lays out who supplies whom: the larger, the higher; both sides as high as the side with more bars. */
export function layOutSupply(pairs: readonly SupplyPair[]): SupplyLayout {
  const sellers = sumBy(pairs, ({ seller }) => seller);
  const buyers = sumBy(pairs, ({ buyer }) => buyer);
  const height = Math.max(sellers.length, buyers.length) * (LEAST_BAR + GAP) + ENERGY_PIXELS;
  const sellerBars = placeBars(sellers, height);
  const buyerBars = placeBars(buyers, height);
  return {
    height,
    sellers: sellerBars,
    buyers: buyerBars,
    ribbons: placeRibbons(pairs, sellerBars, buyerBars),
  };
}

type Sum = { readonly account: number; readonly energyWh: number };

function sumBy(pairs: readonly SupplyPair[], accountOf: (pair: SupplyPair) => number): Sum[] {
  const sums = new Map<number, number>();
  for (const pair of pairs) sums.set(accountOf(pair), (sums.get(accountOf(pair)) ?? 0) + pair.energyWh);
  return [...sums]
    .map(([account, energyWh]) => ({ account, energyWh }))
    .sort((a, b) => b.energyWh - a.energyWh || a.account - b.account);
}

function placeBars(sums: readonly Sum[], height: number): SupplyBar[] {
  const totalWh = sums.reduce((total, { energyWh }) => total + energyWh, 0);
  const freePixels = height - sums.length * (LEAST_BAR + GAP);
  let y = 0;
  return sums.map((sum) => {
    const bar = { ...sum, y, height: LEAST_BAR + (freePixels * sum.energyWh) / totalWh };
    y += bar.height + GAP;
    return bar;
  });
}

/** Ribbons leave and reach a bar in the order of the bars on the other side, so that few cross. */
function placeRibbons(
  pairs: readonly SupplyPair[],
  sellers: readonly SupplyBar[],
  buyers: readonly SupplyBar[],
): SupplyRibbon[] {
  const used = { sellers: new Map<number, number>(), buyers: new Map<number, number>() };
  const take = (side: Map<number, number>, bar: SupplyBar, energyWh: number) => {
    const height = (bar.height * energyWh) / bar.energyWh;
    const y = bar.y + (side.get(bar.account) ?? 0);
    side.set(bar.account, (side.get(bar.account) ?? 0) + height);
    return { y, height };
  };
  return sellers.flatMap((from) =>
    buyers.flatMap((to) => {
      const pair = pairs.find(({ seller, buyer }) => seller === from.account && buyer === to.account);
      if (!pair) return [];
      const start = take(used.sellers, from, pair.energyWh);
      const end = take(used.buyers, to, pair.energyWh);
      return [{ pair, fromY: start.y, toY: end.y, fromHeight: start.height, toHeight: end.height }];
    }),
  );
}
