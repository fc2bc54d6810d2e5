import type { ChargeKind, ChargeSum } from "#domains/billing/rules/charge.ts";
import type { ChargeToExplain } from "#domains/domain.ts";
import { type ChargingPrices, energyWhOf, feeMicro, type MeteredInterval, penaltyMicro } from "./charges.ts";

/** What a station's quota cost in the auction, or earned. */
export const QUOTA = "charging.quota" satisfies ChargeKind;
/** The DSO's fee on metered energy. */
export const FEE = "charging.fee" satisfies ChargeKind;
/** What energy above the quota costs besides. */
export const PENALTY = "charging.penalty" satisfies ChargeKind;

/** A charge of one of a period's intervals, by its place among them. */
export type IntervalCharge = ChargeSum & { readonly index: number };

/**
 * What a station owes for a period, by interval. The auction is the first interval's. Fee and penalty grow with the energy from
 * interval to interval, each rounded as that of the whole is, and no further than what was taken, to which the last interval brings
 * them: so they come to it exactly.
 *
 * @param paid fee and penalty that were taken, micro; a deposit may have held less than was owed
 */
export function chargesByInterval({
  prices,
  intervalSeconds,
  quotaW,
  intervals,
  paid,
}: {
  readonly prices: ChargingPrices;
  readonly intervalSeconds: number;
  readonly quotaW: number;
  readonly intervals: readonly MeteredInterval[];
  readonly paid: { readonly feeMicro: bigint; readonly penaltyMicro: bigint };
}): IntervalCharge[] {
  const allowedWh = energyWhOf(quotaW, intervalSeconds);
  let [meteredWh, excessWh, feeSoFar, penaltySoFar] = [0n, 0n, 0n, 0n];
  return intervals.flatMap(({ importWh }, index) => {
    const countedWh = importWh ?? allowedWh;
    const aboveWh = countedWh > allowedWh ? countedWh - allowedWh : 0n;
    meteredWh += countedWh;
    excessWh += aboveWh;
    const isLast = index === intervals.length - 1;
    const feeUntilHere = isLast ? paid.feeMicro : least(feeMicro(prices, meteredWh), paid.feeMicro);
    const penaltyUntilHere = isLast
      ? paid.penaltyMicro
      : least(penaltyMicro(prices, excessWh), paid.penaltyMicro);
    const fee = { kind: FEE, energyWh: countedWh, amountMicro: feeUntilHere - feeSoFar, index } as const;
    const amountMicro = penaltyUntilHere - penaltySoFar;
    const penalty = { kind: PENALTY, energyWh: aboveWh, amountMicro, index } as const;
    [feeSoFar, penaltySoFar] = [feeUntilHere, penaltyUntilHere];
    // Neither moves energy: without an amount there is nothing to say of it.
    return [fee, penalty].filter((charge) => charge.amountMicro !== 0n);
  });
}

/** What a charge of charging stations is for. */
export function explainChargingCharge({ kind, amountMicro }: ChargeToExplain): string {
  switch (kind) {
    case QUOTA:
      return amountMicro < 0n ? "charging quota sold to other stations" : "charging quota bought from others";
    case FEE:
      return "charging fee on metered energy";
    case PENALTY:
      return "penalty for energy above the charging quota";
    default:
      return kind;
  }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
