import { MAX_MARGIN_MICRO } from "#domains/accounts/rules/houseConstants.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { settlementPrices, supplierReserveMicro } from "#domains/pool/rules/area.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import { startsAt } from "#kernel/units/interval.ts";
import { refuseInterval } from "#platform/audit/auditDiscrepancy.ts";
import {
  type AuditedTerms,
  attemptKey,
  bySeat,
  type ClearingEvent,
  type HeldClearing,
  type PoolState,
} from "./poolState.ts";

/**
 * The prices of a clearing whose outcome is declared, and what its supplier reserves for it: takes it out of the supplier's
 * margin.
 */
export function supplyOf(
  state: PoolState,
  event: ClearingEvent,
  { outcome, supplier, terms }: { outcome: DeclaredOutcome; supplier: number; terms: AuditedTerms },
): Pick<HeldClearing, "isSupplied" | "prices" | "supplierReserveMicro"> {
  const { clearedWh, localPrice } = outcome;
  const localPriceMicroPerKwh = clearedWh === 0 ? 0n : BigInt(localPrice);
  const pricesIf = (isSupplied: boolean) =>
    settlementPrices(terms.terms, { localPriceMicroPerKwh, isSupplied });
  const neededMicro = supplierReserveMicro(BigInt(clearedWh), pricesIf(true));
  const isSupplied = state.unsupplied !== attemptKey(event);
  state.unsupplied = null;
  if (clearedWh > 0) requireSupply(state, event, { isSupplied, supplier, terms, neededMicro });
  const supplierMicro = isSupplied ? neededMicro : 0n;
  state.money.reserve(event, bySeat(event.areaId, [[supplier, supplierMicro]]));
  return { isSupplied, prices: pricesIf(isSupplied), supplierReserveMicro: supplierMicro };
}

/** The supplier stands for an interval if it agreed to, and its margin holds what that takes; else it does not (R7.3). */
function requireSupply(
  { money }: PoolState,
  event: ClearingEvent,
  {
    isSupplied,
    supplier,
    terms: { terms, acceptance },
    neededMicro,
  }: { isSupplied: boolean; supplier: number; terms: AuditedTerms; neededMicro: bigint },
): void {
  const { areaId, intervalId, sender, timestamp } = event;
  const isAccepted =
    acceptance?.supplier === supplier && acceptance.operator === sender && intervalId < acceptance.until;
  const canStand = isAccepted && neededMicro <= MAX_MARGIN_MICRO;
  if (isSupplied && !canStand)
    refuseInterval(
      event,
      "supplyNotAccepted",
      "the clearing reserves money of a supplier that does not stand for it",
      { member: supplier },
    );
  if (isSupplied || !canStand) return;
  const coversFrom = startsAt(intervalId, terms.intervalSeconds);
  const marginMicro = money.countedMargin(seatOf({ areaId, member: supplier }), { coversFrom, timestamp });
  if (marginMicro < neededMicro) return;
  refuseInterval(
    event,
    "supplyNotAccepted",
    `the interval is cleared unsupplied; its supplier accepted, and has ${marginMicro} micro of margin for the ${neededMicro} micro that it takes`,
    { member: supplier },
  );
}
