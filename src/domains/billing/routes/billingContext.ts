import type { BilledMarket, BilledOrder, ChargePrices } from "#domains/billing/rules/billReason.ts";
import type { RetailParts, TariffPrices } from "#domains/billing/rules/tariff.ts";
import type { MeteringContext } from "#domains/metering/routes/meteringContext.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";

/**
 * What a market was to lines of a bill.
 *
 * @property orders the account's own, of all its members in the area
 * @property isSupplied whether a supplier takes what buyers don't use
 * @property bookRoot root of the orders; null where the market did not clear
 * @property readingsRoot root of the readings that the line was settled by
 */
export type LineMarket = IntervalPlace & {
  readonly outcome: BilledMarket;
  readonly orders: readonly (BilledOrder & { readonly member: number })[];
  readonly isSupplied: boolean;
  readonly chargePrices: ChargePrices;
  readonly bookRoot: string | null;
  readonly readingsRoot: string | null;
};

/** Says of lines of an account what the market of each of their intervals was; nothing of intervals that had none. */
export type MarketsOf = (asked: {
  readonly account: number;
  readonly lines: readonly IntervalPlace[];
}) => Promise<readonly LineMarket[]>;

/** What the resources of bills work with. */
export type BillingContext = MeteringContext & {
  /** The supplier's tariff of an interval; null when it is not known. */
  readonly tariffOf: (areaId: number, intervalId: number) => TariffPrices | null;
  /** What a supplier's price is made of besides energy, by area, where it is known. */
  readonly retailParts: ReadonlyMap<number, RetailParts>;
  readonly marketsOf: MarketsOf;
};
