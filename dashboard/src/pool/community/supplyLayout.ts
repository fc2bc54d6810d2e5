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

/** A bar is never lower than two lines of text: a name, and the energy below it. */
const LEAST_BAR = 34;
const GAP = 4;
/** Pixels for the energy of all pairs together, beyond the least bars. */
const ENERGY_PIXELS = 80;

/** Lays out who supplies whom: the larger, the higher; both sides as high as the side with more bars. */
export function layOutSupply(pairs: readonly SupplyPair[]): SupplyLayout {
  const [sold, bought] = [sumBy(pairs, ({ seller }) => seller), sumBy(pairs, ({ buyer }) => buyer)];
  const height = Math.max(sold.length, bought.length) * (LEAST_BAR + GAP) + ENERGY_PIXELS;
  const [sellers, buyers] = [placeBars(sold, height), placeBars(bought, height)];
  return { height, sellers, buyers, ribbons: placeRibbons(pairs, sellers, buyers) };
}

type Sum = { readonly account: number; readonly energyWh: number };

function sumBy(pairs: readonly SupplyPair[], accountOf: (pair: SupplyPair) => number): Sum[] {
  const sums = new Map<number, number>();
  for (const pair of pairs) {
    const account = accountOf(pair);
    sums.set(account, (sums.get(account) ?? 0) + pair.energyWh);
  }
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
  const pairOf = new Map(pairs.map((pair) => [`${pair.seller} ${pair.buyer}`, pair]));
  const [fromSeller, toBuyer] = [createStack(), createStack()];
  return sellers.flatMap((from) =>
    buyers.flatMap((to) => {
      const pair = pairOf.get(`${from.account} ${to.account}`);
      if (!pair) return [];
      const [start, end] = [fromSeller(from, pair.energyWh), toBuyer(to, pair.energyWh)];
      return [{ pair, fromY: start.y, toY: end.y, fromHeight: start.height, toHeight: end.height }];
    }),
  );
}

/** Takes the next part of a bar of one side, from its top down. */
function createStack(): (bar: SupplyBar, energyWh: number) => { y: number; height: number } {
  const usedOf = new Map<number, number>();
  return (bar, energyWh) => {
    const used = usedOf.get(bar.account) ?? 0;
    const height = (bar.height * energyWh) / bar.energyWh;
    usedOf.set(bar.account, used + height);
    return { y: bar.y + used, height };
  };
}
