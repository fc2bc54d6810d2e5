import type { BillLineView } from "#domains/billing/queries/bills.ts";
import type { RetailParts, TariffPrices } from "#domains/billing/rules/tariff.ts";
import type { ChargeToExplain } from "#domains/domain.ts";
import type { MeteringContext } from "#domains/metering/routes/meteringContext.ts";

/**
 * Why a line of a bill is what it is.
 *
 * @property sentence where its energy came from and went to, at which prices, and what it comes to
 * @property bookRoot root of the orders; null where no market cleared
 * @property readingsRoot root of the readings that the line was settled by
 */
export type LineReason = {
  readonly sentence: string;
  readonly bookRoot: string | null;
  readonly readingsRoot: string | null;
};

/** Says of lines of an account why each of them is what it is, in their order. */
export type ReasonsOf = (asked: {
  readonly account: number;
  readonly lines: readonly BillLineView[];
}) => Promise<readonly LineReason[]>;

/** What the resources of bills work with. */
export type BillingContext = MeteringContext & {
  /** The supplier's tariff of an interval; null when it is not known. */
  readonly tariffOf: (areaId: number, intervalId: number) => TariffPrices | null;
  /** What a supplier's price is made of besides energy, by area, where it is known. */
  readonly retailParts: ReadonlyMap<number, RetailParts>;
  readonly reasonsOf: ReasonsOf;
  /** What a charge is for, in the words of the field that made it. */
  readonly explainCharge: (charge: ChargeToExplain) => string;
  /** Why money moved, in the words of the field that moved it. */
  readonly movementWords: (kind: string) => string;
};
