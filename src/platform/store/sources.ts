import type { TariffPrices } from "#domains/billing/rules/tariff.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { ArchivedOrder } from "#domains/pool/orderArchive.ts";

/** What the projection needs besides the chain. All must give the same answer whenever the database is rebuilt. */
export type Sources = {
  /** All signed readings of an interval that the gateway keeps, in any order and of any version. */
  readonly readingsOf: (areaId: number, intervalId: number) => readonly SignedReading[];
  /** The orders of an interval that the operator's desk accepted, with those that the chain refused, in any order. */
  readonly ordersOf: (areaId: number, intervalId: number) => readonly ArchivedOrder[];
  /** The supplier's tariff of an interval; null when it is not known. */
  readonly tariffOf: (areaId: number, intervalId: number) => TariffPrices | null;
};

/** A chain without archives and without a tariff, as an auditor has it. */
export const NO_SOURCES: Sources = { readingsOf: () => [], ordersOf: () => [], tariffOf: () => null };
