import { type AreaTerms, settlementPrices, supplierReserveMicro } from "#domains/pool/rules/area.ts";
import type { ClearingPlan } from "#domains/pool/rules/clearingPlan.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import { DomainError } from "#kernel/units/domainError.ts";

/** What an account would have to reserve, and the lesser margin that it has, micro. */
export type MarginShortage = { readonly reserveMicro: bigint; readonly marginMicro: bigint };

/** Accounts whose margin is less than what all steps of a plan reserve for them, the supplier's surpluses included. */
export async function accountsShortOfMargin({
  plan,
  terms,
  supplier,
  marginsOf,
}: {
  plan: ClearingPlan;
  terms: AreaTerms;
  supplier: number;
  marginsOf: (accounts: readonly number[]) => Promise<ReadonlyMap<number, bigint>>;
}): Promise<ReadonlyMap<number, MarginShortage>> {
  const prices = settlementPrices(terms, BigInt(plan.localPriceMicroPerKwh));
  const positions = plan.steps.map((step) => step.positions);
  const reserves = new Map(reservesOf(positions, prices));
  const surplusMicro = supplierReserveMicro(BigInt(plan.clearing.clearedQuantity), prices);
  reserves.set(supplier, (reserves.get(supplier) ?? 0n) + surplusMicro);
  const margins = await marginsOf([...reserves.keys()]);
  const shortages = [...reserves].map(([account, reserveMicro]) => {
    return [account, { reserveMicro, marginMicro: margins.get(account) ?? 0n }] as const;
  });
  return new Map(shortages.filter(([, { reserveMicro, marginMicro }]) => marginMicro < reserveMicro));
}

/** A clearing would reserve more of the supplier's margin than there is; no order can be dropped for that. */
export class SupplierMarginError extends DomainError {
  readonly code = "supplierMargin";

  constructor(supplier: number, { reserveMicro, marginMicro }: MarginShortage) {
    super(
      `the clearing reserves ${reserveMicro} micro of account ${supplier}, the supplier; its margin is ${marginMicro} micro`,
    );
  }
}
