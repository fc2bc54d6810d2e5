import { exportMicro, importMicro, type TariffPrices } from "#domains/billing/rules/tariff.ts";
import type { Pricing, Side } from "#kernel/auction/order.ts";
import { divideRoundingDown, divideRoundingUp } from "#kernel/units/rounding.ts";
import type { PoolEnergyAndMoney } from "./poolCharges.ts";

/** A line of a bill and what its charges say of the pool: energy in Wh ≥ 0, money in micro, positive paid (docs/model/bills.md). */
export type BilledEnergy = PoolEnergyAndMoney & {
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly gridImportWh: bigint;
  readonly gridExportWh: bigint;
  /** All charges of the line, the pool's and others'. */
  readonly netMicro: bigint;
};

/** An order of the billed member. `fillWh` and `exactPayment` are null where its clearing is not complete. */
export type BilledOrder = {
  readonly side: Side;
  readonly limitPriceMicroPerKwh: number;
  readonly energyWh: number;
  readonly fillWh: number | null;
  readonly exactPayment: bigint | null;
  readonly refusal: string | null;
};

/**
 * What the market of the interval was: none that counts, or a clearing and what it left over. Prices in micro per kWh.
 *
 * @property bestOfferLeftMicroPerKwh limit of the cheapest offer that was not filled whole; null when all were
 * @property bestBidLeftMicroPerKwh limit of the highest bid that was not filled whole; null when all were
 */
export type BilledMarket =
  | { readonly state: "noMarket" | "abandoned" | "returned" }
  | {
      readonly state: "cleared";
      readonly pricing: Pricing;
      readonly hasBids: boolean;
      readonly hasOffers: boolean;
      readonly bestBidLeftMicroPerKwh: number | null;
      readonly bestOfferLeftMicroPerKwh: number | null;
    };

/**
 * Why energy was not traded with neighbours but with the grid.
 *
 * - `noMarket`, `abandoned`, `returned`: no clearing of the interval counts, as there was none, it was given up, or it was
 *   given back since no readings came
 * - `readLate`: the reading came after the settlement, which counted zero
 * - `noOrder`, `otherSideOnly`: the member had no order, or orders of the other side only
 * - `nobodyThere`, `soldOut`: no order of the other side stood in the book, or all of them were filled whole
 * - `priceApart`: the best order left on the other side did not accept the member's best limit
 * - `refused`: the chain did not take the order
 * - `beyondOrders`: more than all orders of the member together, `orderedWh`
 */
export type GridCause =
  | {
      readonly kind:
        | "noMarket"
        | "abandoned"
        | "returned"
        | "readLate"
        | "noOrder"
        | "otherSideOnly"
        | "nobodyThere"
        | "soldOut";
    }
  | { readonly kind: "priceApart"; readonly limitMicroPerKwh: number; readonly bestLeftMicroPerKwh: number }
  | { readonly kind: "refused"; readonly refusal: string }
  | { readonly kind: "beyondOrders"; readonly orderedWh: bigint };

/** Energy of one cause, Wh. */
export type GridPart = { readonly energyWh: bigint; readonly cause: GridCause };

/** One direction through the meter: all of it is local or has a cause, `energyWh` = `localWh` + Σ `grid`. */
export type MeteredFlow = {
  readonly energyWh: bigint;
  readonly localWh: bigint;
  readonly grid: readonly GridPart[];
  /** Price of the grid's part and what it costs (negative: earns); null when the tariff is not known. */
  readonly tariff: { readonly priceMicroPerKwh: bigint; readonly amountMicro: bigint } | null;
};

/** One side's trades. The price is the mean of all, rounded against the account; null when nothing was traded. */
export type TradedSide = { readonly energyWh: bigint; readonly priceMicroPerKwh: bigint | null };

/** What deviations and the grid cost in the area and interval of a line, micro per kWh. */
export type ChargePrices = {
  readonly shortfallMicroPerKwh: bigint;
  readonly surplusMicroPerKwh: bigint;
  readonly gridFeeMicroPerKwh: bigint;
};

/** Energy at a price of the area's terms, and what it costs; a credit is negative. */
export type AreaCharge = {
  readonly energyWh: bigint;
  readonly priceMicroPerKwh: bigint;
  readonly amountMicro: bigint;
};

/** A charge of another field than the pool, and what it is for. */
export type OtherCharge = { readonly words: string; readonly amountMicro: bigint };

/**
 * What makes up a line of a bill. Its energies sum to import and export; its amounts, `paymentMicro` and those of charges
 * and tariff, sum to `totalMicro`, which is net and beyond of the line.
 *
 * @property isMeanPrice whether trades of the interval had several prices
 * @property isReadingMissing whether no reading came in time, so that the settlement counted zero
 * @property isSupplied whether a supplier takes what was bought and not used
 */
export type LineReason = {
  readonly imported: MeteredFlow;
  readonly exported: MeteredFlow;
  readonly bought: TradedSide;
  readonly sold: TradedSide;
  readonly isMeanPrice: boolean;
  readonly paymentMicro: bigint;
  readonly shortfall: AreaCharge;
  readonly unconsumed: AreaCharge;
  readonly gridFee: AreaCharge;
  readonly others: readonly OtherCharge[];
  readonly isReadingMissing: boolean;
  readonly isSupplied: boolean;
  readonly totalMicro: bigint | null;
};

/** Takes a line of a bill apart: where its energy came from and went to, at which prices, and why. */
export function reasonOfLine({
  line,
  market,
  orders,
  chargePrices,
  isSupplied,
  tariff,
  others = [],
}: {
  line: BilledEnergy & { readonly isReadingMissing: boolean };
  market: BilledMarket;
  orders: readonly BilledOrder[];
  chargePrices: ChargePrices;
  isSupplied: boolean;
  tariff: TariffPrices | null;
  others?: readonly OtherCharge[];
}): LineReason {
  const prices = tariff && gridPrices(line, tariff);
  const imported = {
    energyWh: line.importWh,
    localWh: line.importWh - line.gridImportWh,
    grid: gridParts({ line, gridWh: line.gridImportWh, side: "bid", orders, market }),
    tariff: prices?.imported ?? null,
  };
  const exported = {
    energyWh: line.exportWh,
    localWh: line.exportWh - line.gridExportWh,
    grid: gridParts({ line, gridWh: line.gridExportWh, side: "offer", orders, market }),
    tariff: prices?.exported ?? null,
  };
  return {
    imported,
    exported,
    bought: { energyWh: line.boughtWh, priceMicroPerKwh: meanPrice(line, orders, "bid") },
    sold: { energyWh: line.soldWh, priceMicroPerKwh: meanPrice(line, orders, "offer") },
    isMeanPrice: market.state === "cleared" && market.pricing === "midpoint",
    paymentMicro: line.paymentMicro,
    ...areaCharges(line, chargePrices),
    others,
    isReadingMissing: line.isReadingMissing,
    isSupplied,
    totalMicro: prices && line.netMicro + prices.imported.amountMicro + prices.exported.amountMicro,
  };
}

/** Energy beyond the market at the tariff (docs/model/bills.md, equation 2). */
function gridPrices({ gridImportWh, gridExportWh }: BilledEnergy, tariff: TariffPrices) {
  return {
    imported: {
      priceMicroPerKwh: BigInt(tariff.retailMicroPerKwh),
      amountMicro: BigInt(importMicro(Number(gridImportWh), tariff)),
    },
    exported: {
      priceMicroPerKwh: BigInt(tariff.feedInMicroPerKwh),
      amountMicro: -BigInt(exportMicro(Number(gridExportWh), tariff)),
    },
  };
}

function areaCharges(line: BilledEnergy, prices: ChargePrices) {
  return {
    shortfall: {
      energyWh: line.shortfallWh,
      priceMicroPerKwh: prices.shortfallMicroPerKwh,
      amountMicro: line.shortfallMicro,
    },
    unconsumed: {
      energyWh: line.unconsumedWh,
      priceMicroPerKwh: prices.surplusMicroPerKwh,
      amountMicro: -line.surplusMicro,
    },
    gridFee: {
      energyWh: line.boughtWh - line.unconsumedWh,
      priceMicroPerKwh: prices.gridFeeMicroPerKwh,
      amountMicro: line.gridFeeMicro,
    },
  };
}

/** What its orders of a side paid a kWh; where they are not known, what the line's payment comes to. */
function meanPrice(line: BilledEnergy, orders: readonly BilledOrder[], side: Side): bigint | null {
  const tradedWh = side === "bid" ? line.boughtWh : line.soldWh;
  if (tradedWh === 0n) return null;
  const sign = side === "bid" ? 1n : -1n;
  const filled = orders.filter((order) => order.side === side && order.refusal === null);
  const knownWh = filled.reduce((sum, { fillWh }) => sum + BigInt(fillWh ?? 0), 0n);
  const known = filled.reduce((sum, { exactPayment }) => sum + (exactPayment ?? 0n), 0n);
  const exact = knownWh === tradedWh ? known : line.paymentMicro * MILLI_PER_MICRO;
  return divideAgainst(side, sign * exact, tradedWh);
}

const MILLI_PER_MICRO = 1_000n;

function divideAgainst(side: Side, dividend: bigint, divisor: bigint): bigint {
  return side === "bid" ? divideRoundingUp(dividend, divisor) : divideRoundingDown(dividend, divisor);
}

type Ordered = {
  readonly line: { readonly isReadingMissing: boolean };
  readonly gridWh: bigint;
  readonly side: Side;
  readonly orders: readonly BilledOrder[];
  readonly market: BilledMarket;
};

/** Parts the grid's energy by cause: what orders did not get first, then refused orders, then what nobody ordered. */
function gridParts({ line, gridWh, side, orders, market }: Ordered): GridPart[] {
  if (gridWh === 0n) return [];
  if (line.isReadingMissing) return [{ energyWh: gridWh, cause: { kind: "readLate" } }];
  if (market.state !== "cleared") return [{ energyWh: gridWh, cause: { kind: market.state } }];
  const own = orders.filter((order) => order.side === side);
  const [refused] = own.filter(({ refusal }) => refusal !== null);
  if (own.length === 0)
    return [{ energyWh: gridWh, cause: { kind: orders.length > 0 ? "otherSideOnly" : "noOrder" } }];

  const standing = own.filter(({ refusal }) => refusal === null);
  const unfilledWh = missingWh(standing);
  const unfilled = smaller(gridWh, unfilledWh);
  const dropped = smaller(gridWh - unfilled, missingWh(own) - unfilledWh);
  const orderedWh = own.reduce((sum, { energyWh }) => sum + BigInt(energyWh), 0n);
  const parts: (GridPart | null)[] = [
    { energyWh: unfilled, cause: unfilledCause(standing, side, market) },
    refused ? { energyWh: dropped, cause: { kind: "refused", refusal: refused.refusal ?? "" } } : null,
    { energyWh: gridWh - unfilled - dropped, cause: { kind: "beyondOrders", orderedWh } },
  ];
  return parts.filter((part) => part !== null).filter(({ energyWh }) => energyWh > 0n);
}

function missingWh(orders: readonly BilledOrder[]): bigint {
  return orders.reduce((sum, { energyWh, fillWh }) => sum + BigInt(energyWh - (fillWh ?? 0)), 0n);
}

/** No order left on the other side accepts the best limit that was not filled: else the two would have traded. */
function unfilledCause(
  standing: readonly BilledOrder[],
  side: Side,
  market: Extract<BilledMarket, { state: "cleared" }>,
): GridCause {
  const isBid = side === "bid";
  if (!(isBid ? market.hasOffers : market.hasBids)) return { kind: "nobodyThere" };
  const bestLeft = isBid ? market.bestOfferLeftMicroPerKwh : market.bestBidLeftMicroPerKwh;
  if (bestLeft === null) return { kind: "soldOut" };
  const limits = standing
    .filter(({ energyWh, fillWh }) => (fillWh ?? 0) < energyWh)
    .map(({ limitPriceMicroPerKwh }) => limitPriceMicroPerKwh);
  const limit = isBid ? Math.max(...limits) : Math.min(...limits);
  return { kind: "priceApart", limitMicroPerKwh: limit, bestLeftMicroPerKwh: bestLeft };
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
