import { type AreaTerms, settlementPrices } from "#domains/pool/rules/area.ts";
import { type Position, reserveMicro } from "#domains/pool/rules/settlement.ts";
import type { Side } from "#kernel/auction/order.ts";
import { microRoundingUp } from "#kernel/units/money.ts";
import { MICRO_PER_CENT, roundParts, roundToNearest } from "#kernel/units/roundedParts.ts";
import type { Terms } from "../areas.ts";

/** An order as far as its money goes. */
export type PricedWish = {
  readonly side: Side;
  readonly energyWh: bigint;
  readonly limitPriceMicroPerKwh: bigint;
};

/**
 * What an order can come to when all of it is filled, micro.
 *
 * @property tradeMicro for the energy at its limit price: positive pays, negative is the least that is paid to the seller
 * @property gridFeeMicro on what is bought and used
 * @property shortfallMicro for a seller who delivers nothing
 * @property worstMicro the most that the settlement can take, whatever the meter says: what a clearing reserves
 */
export type WorstCase = {
  readonly tradeMicro: bigint;
  readonly gridFeeMicro: bigint;
  readonly shortfallMicro: bigint;
  readonly worstMicro: bigint;
};

export function worstCase(wish: PricedWish, terms: AreaTerms): WorstCase {
  const { side, energyWh } = wish;
  // The shortfall price follows the local price, which is the ceiling at the most; a reserve counts on no supplier.
  const prices = settlementPrices(terms, {
    localPriceMicroPerKwh: terms.ceilingMicroPerKwh,
    isSupplied: false,
  });
  const position = positionOf(wish);
  return {
    tradeMicro: microRoundingUp(position.exactPayment),
    gridFeeMicro: side === "bid" ? microRoundingUp(energyWh * prices.gridFeeMicroPerKwh) : 0n,
    shortfallMicro: side === "offer" ? microRoundingUp(energyWh * prices.shortfallMicroPerKwh) : 0n,
    worstMicro: reserveMicro(position, prices),
  };
}

/** A settlement rounds once, its parts each for itself: so far their sum may be off the whole, micro. */
const ROUNDING_MICRO = 3n;

/**
 * A worst case as it is shown, in cents: its parts add up to what is shown in all. Where the settlement takes less than the
 * parts' sum, as of a seller who owes nothing at worst, each goes to the nearest cent.
 */
export function shownWorstCase({
  tradeMicro,
  gridFeeMicro,
  shortfallMicro,
  worstMicro: exactMicro,
}: WorstCase): WorstCase {
  const exact = [tradeMicro, gridFeeMicro, shortfallMicro];
  const worstMicro = roundToNearest(exactMicro, MICRO_PER_CENT);
  const off = exactMicro - (tradeMicro + gridFeeMicro + shortfallMicro);
  const isSum = off <= ROUNDING_MICRO && off >= -ROUNDING_MICRO;
  const [trade = 0n, gridFee = 0n, shortfall = 0n] = isSum
    ? roundParts(exact, { unit: MICRO_PER_CENT, total: worstMicro }).parts
    : exact.map((micro) => roundToNearest(micro, MICRO_PER_CENT));
  return { tradeMicro: trade, gridFeeMicro: gridFee, shortfallMicro: shortfall, worstMicro };
}

/** An order of one side that trades whole at its limit: no clearing price is worse for it. */
function positionOf({ side, energyWh, limitPriceMicroPerKwh }: PricedWish): Position {
  const exact = energyWh * limitPriceMicroPerKwh;
  return side === "bid"
    ? { boughtWh: energyWh, soldWh: 0n, exactPayment: exact }
    : { boughtWh: 0n, soldWh: energyWh, exactPayment: -exact };
}

/** A version of an area's rules as the market's code takes it. */
export function areaTerms(terms: Terms): AreaTerms {
  return {
    intervalSeconds: terms.intervalSeconds,
    gateClosureSeconds: terms.gateClosureSeconds,
    pricing: terms.pricing,
    floorMicroPerKwh: BigInt(terms.floorMicroPerKwh),
    ceilingMicroPerKwh: BigInt(terms.ceilingMicroPerKwh),
    upstreamPriceMicroPerKwh: BigInt(terms.upstreamPriceMicroPerKwh),
    penaltyPermille: BigInt(terms.penaltyPermille),
    surplusPriceMicroPerKwh: BigInt(terms.surplusPriceMicroPerKwh),
    gridFeeMicroPerKwh: BigInt(terms.gridFeeMicroPerKwh),
  };
}
