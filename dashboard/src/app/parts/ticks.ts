/** Marks of an axis, rising, and how many decimals tell each from the next. */
export type Ticks = { readonly values: readonly number[]; readonly decimals: number };

const FACTORS = [1, 2, 5, 10];

/**
 * Round numbers from `from` to `to`, at most about `most` of them: multiples of 1, 2 or 5 times a power of ten, none
 * closer than `leastStep`.
 */
export function roundTicks({
  from,
  to,
  most,
  leastStep = 0,
}: {
  from: number;
  to: number;
  most: number;
  leastStep?: number;
}): Ticks {
  const span = to - from;
  if (!(span > 0) || !Number.isFinite(span)) return { values: [], decimals: 0 };
  const rough = Math.max(leastStep, span / Math.max(1, most));
  const exponent = Math.floor(Math.log10(rough) + TINY);
  const factor = FACTORS.find((each) => each * 10 ** exponent >= rough * (1 - TINY)) ?? 10;
  const decimals = Math.max(0, -(factor === 10 ? exponent + 1 : exponent));
  const step = factor * 10 ** exponent;
  const [first, last] = [Math.ceil(from / step - TINY), Math.floor(to / step + TINY)];
  const values = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) =>
    // Adding zero makes a zero of a minus zero.
    Number(((first + i) * step + 0).toFixed(decimals)),
  );
  return { values, decimals };
}

/** A mark alone says nothing of the size of what is shown: the same as {@link roundTicks}, or closer until there are two. */
export function scaleTicks(of: Parameters<typeof roundTicks>[0]): Ticks {
  for (let most = of.most; most < of.most + CLOSER; most += 1) {
    const ticks = roundTicks({ ...of, most });
    if (ticks.values.length > 1) return ticks;
  }
  return roundTicks(of);
}

/** Marks more than there is room for, at the most; two of them are always apart enough. */
const CLOSER = 8;

/** What arithmetic with fractions may be wrong by. */
const TINY = 1e-9;

/** A mark in words: as many decimals as its neighbours need, thousands apart, and its sign. */
export function tickText(value: number, decimals: number): string {
  return new Intl.NumberFormat("en-GB", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: "negative",
  }).format(value);
}
