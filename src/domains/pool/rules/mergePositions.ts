import type { AccountPosition } from "./positionWord.ts";

/** Positions of several steps added up by account. */
export function mergePositions(
  steps: readonly (readonly AccountPosition[])[],
): ReadonlyMap<number, AccountPosition> {
  const merged = new Map<number, AccountPosition>();
  for (const position of steps.flat()) {
    const old = merged.get(position.account);
    merged.set(position.account, old ? addPositions(old, position) : position);
  }
  return merged;
}

/** Two positions of one account as one. */
export function addPositions(a: AccountPosition, b: Omit<AccountPosition, "account">): AccountPosition {
  return {
    account: a.account,
    boughtWh: a.boughtWh + b.boughtWh,
    soldWh: a.soldWh + b.soldWh,
    exactPayment: a.exactPayment + b.exactPayment,
  };
}
