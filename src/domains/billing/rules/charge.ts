import type { ChargeToExplain } from "#domains/domain.ts";

/** Which rule a charge is by: the field that made it, and its own name for it, such as `pool.trades`. */
export type ChargeKind = `${string}.${string}`;

/**
 * What an account owes or gets for an interval by one rule of one field. A bill is the sum of charges: a field adds rows,
 * never columns.
 *
 * @property energyWh the energy that it is for: taken from others positive, given to others negative; null where it is for none
 * @property amountMicro owed positive, received negative
 */
export type Charge = ChargeToExplain & {
  readonly areaId: number;
  readonly intervalId: number;
  readonly member: number;
  readonly account: number;
  readonly kind: ChargeKind;
};

/** A charge of a member whose place is said elsewhere. */
export type MemberCharge = Omit<Charge, "areaId" | "intervalId">;

/** Charges of several intervals added up by kind, what was taken apart from what was given: amounts as of {@link Charge}. */
export type ChargeSum = Pick<Charge, "kind" | "energyWh" | "amountMicro">;

/** Whether something is owed or moved by it. One that does neither is not kept. */
export function isCharged({ energyWh, amountMicro }: Pick<Charge, "energyWh" | "amountMicro">): boolean {
  return amountMicro !== 0n || (energyWh ?? 0n) !== 0n;
}

/** What charges come to together, micro. */
export function sumCharged(charges: Iterable<{ readonly amountMicro: bigint }>): bigint {
  let sum = 0n;
  for (const { amountMicro } of charges) sum += amountMicro;
  return sum;
}
