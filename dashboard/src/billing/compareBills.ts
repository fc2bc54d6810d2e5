/** How a bill with the market stands to the one by the tariff alone; a bill below zero is money earned. */
export type BillComparison = {
  readonly kind:
    | "paidLess"
    | "earnedMore"
    | "earnedInstead"
    | "same"
    | "paidMore"
    | "earnedLess"
    | "paidInstead";
  /** What lies between the two, micro ≥ 0. */
  readonly differenceMicro: bigint;
};

export function compareBills({
  tariffMicro,
  marketMicro,
}: {
  tariffMicro: bigint;
  marketMicro: bigint;
}): BillComparison {
  const saving = tariffMicro - marketMicro;
  if (saving === 0n) return { kind: "same", differenceMicro: 0n };
  const isBetter = saving > 0n;
  const differenceMicro = isBetter ? saving : -saving;
  if (tariffMicro >= 0n && marketMicro >= 0n)
    return { kind: isBetter ? "paidLess" : "paidMore", differenceMicro };
  if (tariffMicro <= 0n && marketMicro <= 0n)
    return { kind: isBetter ? "earnedMore" : "earnedLess", differenceMicro };
  return { kind: isBetter ? "earnedInstead" : "paidInstead", differenceMicro };
}
