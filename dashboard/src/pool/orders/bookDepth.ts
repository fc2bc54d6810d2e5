/** What was wished at a price, micro per kWh and Wh. */
export type Level = {
  readonly side: "bid" | "offer";
  readonly limitPriceMicroPerKwh: string;
  readonly energyWh: string;
  readonly fillWh: string;
};

/** A cent of prices: how much was wished and traded there, Wh. */
export type CentLevel = {
  readonly priceMicroPerKwh: bigint;
  readonly bidWh: bigint;
  readonly offerWh: bigint;
  readonly filledOfferWh: bigint;
};

const MICRO_PER_CENT = 10_000n;

/** Levels by whole cents, rising: bids rounded down, offers up, so that nothing looks better than it was. */
export function byCent(levels: readonly Level[]): readonly CentLevel[] {
  const cents = new Map<bigint, CentLevel>();
  for (const { side, limitPriceMicroPerKwh, energyWh, fillWh } of levels) {
    const price = centOf(BigInt(limitPriceMicroPerKwh), side);
    const level = cents.get(price) ?? { priceMicroPerKwh: price, bidWh: 0n, offerWh: 0n, filledOfferWh: 0n };
    const [energy, fill] = [BigInt(energyWh), BigInt(fillWh)];
    cents.set(
      price,
      side === "bid"
        ? { ...level, bidWh: level.bidWh + energy }
        : { ...level, offerWh: level.offerWh + energy, filledOfferWh: level.filledOfferWh + fill },
    );
  }
  return [...cents.values()].sort((a, b) => (a.priceMicroPerKwh < b.priceMicroPerKwh ? -1 : 1));
}

function centOf(price: bigint, side: Level["side"]): bigint {
  const floored = price - (((price % MICRO_PER_CENT) + MICRO_PER_CENT) % MICRO_PER_CENT);
  return side === "bid" || floored === price ? floored : floored + MICRO_PER_CENT;
}
