/** Weight of the newest price of a time of day. */
const LEARNING_RATE = 0.3;

/** Hours a day in which a battery expects to sell, and hours in which it expects to be filled. */
const TRADING_HOURS = 4;
const HOURS_PER_DAY = 24;

/**
 * What the community has learned about its local price, time of day by time of day, micro per kWh
 * (`docs/model/bidding.md`, equations 5–6).
 */
export type PriceMemory = {
  /** Takes the price that an interval showed. */
  learn(slot: number, priceMicroPerKwh: number): void;
  expected(slot: number): number;
  /** Mean of the dearest and of the cheapest four hours of a day. */
  extremes(): PriceExtremes;
};

export type PriceExtremes = { readonly highMicroPerKwh: number; readonly lowMicroPerKwh: number };

/** A memory in which every time of day costs `initialMicroPerKwh`. */
export function createPriceMemory(slotsPerDay: number, initialMicroPerKwh: number): PriceMemory {
  const expected = new Float64Array(slotsPerDay).fill(initialMicroPerKwh);
  const sorted = new Float64Array(slotsPerDay);
  const traded = Math.max(1, Math.round((slotsPerDay * TRADING_HOURS) / HOURS_PER_DAY));
  return {
    learn(slot, priceMicroPerKwh) {
      const known = expected[slot] as number;
      expected[slot] = known + LEARNING_RATE * (priceMicroPerKwh - known);
    },
    expected: (slot) => expected[slot] as number,
    extremes() {
      sorted.set(expected);
      sorted.sort();
      return {
        highMicroPerKwh: mean(sorted.subarray(slotsPerDay - traded)),
        lowMicroPerKwh: mean(sorted.subarray(0, traded)),
      };
    },
  };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
