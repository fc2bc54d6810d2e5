import type { ChargeKind, ChargeSum } from "#domains/billing/rules/charge.ts";
import type { ChargeToExplain } from "#domains/domain.ts";
import type { MemberSettlement } from "./settlement.ts";

/** What the grid operator gets of the pool's settlements. */
export const GRID_FEE = "pool.gridFee" satisfies ChargeKind;

/** What a corrected reading changed after the settlement: a debit where positive, a credit where negative. */
export const CORRECTION = "pool.correction" satisfies ChargeKind;

/** Energy in Wh ≥ 0, money in micro, positive paid: what a member's trades were, and what their settlement came to. */
export type PoolEnergyAndMoney = {
  readonly boughtWh: bigint;
  readonly soldWh: bigint;
  readonly shortfallWh: bigint;
  readonly unconsumedWh: bigint;
  readonly paymentMicro: bigint;
  readonly shortfallMicro: bigint;
  readonly surplusMicro: bigint;
  readonly gridFeeMicro: bigint;
};

/**
 * The charges of a settled position, their sum `netMicro`: what was traded (bought is taken, sold is given); what a seller did
 * not deliver and the supplier gave in its place; what a buyer did not use and the supplier took; the grid fee on what was
 * used. A member trades on one side of an interval.
 */
export function chargesOf(
  { boughtWh, soldWh }: { readonly boughtWh: bigint; readonly soldWh: bigint },
  settlement: MemberSettlement,
): ChargeSum[] {
  const { paymentMicro, shortfallWh, shortfallMicro, unconsumedWh, surplusMicro, gridFeeMicro } = settlement;
  return [
    { kind: "pool.trades", energyWh: boughtWh - soldWh, amountMicro: paymentMicro },
    { kind: "pool.shortfall", energyWh: shortfallWh, amountMicro: shortfallMicro },
    { kind: "pool.surplus", energyWh: -unconsumedWh, amountMicro: -surplusMicro },
    // A fee moves no energy: without an amount there is nothing to say of it.
    ...(gridFeeMicro === 0n
      ? []
      : [{ kind: GRID_FEE, energyWh: boughtWh - unconsumedWh, amountMicro: gridFeeMicro } as const]),
  ];
}

/** What charges of the pool say of trades and their settlement: {@link chargesOf} read back, or their sums. */
export function tradesOfCharges(charges: Iterable<ChargeSum>): PoolEnergyAndMoney {
  let [boughtWh, soldWh, shortfallWh, unconsumedWh] = [0n, 0n, 0n, 0n];
  let [paymentMicro, shortfallMicro, surplusMicro, gridFeeMicro] = [0n, 0n, 0n, 0n];
  for (const { kind, energyWh, amountMicro } of charges) {
    const wh = energyWh ?? 0n;
    if (kind === "pool.trades") {
      if (wh > 0n) boughtWh += wh;
      else soldWh -= wh;
      paymentMicro += amountMicro;
    } else if (kind === "pool.shortfall") {
      shortfallWh += wh;
      shortfallMicro += amountMicro;
    } else if (kind === "pool.surplus") {
      unconsumedWh -= wh;
      surplusMicro -= amountMicro;
    } else if (kind === GRID_FEE) gridFeeMicro += amountMicro;
  }
  return {
    boughtWh,
    soldWh,
    shortfallWh,
    unconsumedWh,
    paymentMicro,
    shortfallMicro,
    surplusMicro,
    gridFeeMicro,
  };
}

/** What a charge of the pool is for. */
export function explainPoolCharge({ kind, energyWh, amountMicro }: ChargeToExplain): string {
  switch (kind) {
    case CORRECTION:
      return `${amountMicro < 0n ? "credit" : "debit"} note: the meter's reading was corrected after the settlement`;
    case "pool.trades":
      return (energyWh ?? 0n) < 0n ? "sold to neighbours" : "bought from neighbours";
    case "pool.shortfall":
      return "sold and not delivered";
    case "pool.surplus":
      return "bought and not used, credited";
    case GRID_FEE:
      return "grid fee on bought energy that was used";
    default:
      return kind;
  }
}

/** Whether a charge is one of the pool's settlement. A correction stands beside them, with a reason of its own. */
export function isPoolCharge({ kind }: { readonly kind: string }): boolean {
  return kind.startsWith("pool.") && kind !== CORRECTION;
}
