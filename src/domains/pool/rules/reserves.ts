import type { SettlementPrices } from "#domains/pool/rules/area.ts";
import { reserveMicro } from "#domains/pool/rules/settlement.ts";
import type { AccountPosition } from "./positionWord.ts";

/** What is reserved for each account over the steps of a clearing, micro; the position of each step by itself (R7.3). */
export function reservesOf(
  steps: readonly (readonly AccountPosition[])[],
  prices: SettlementPrices,
): ReadonlyMap<number, bigint> {
  const reserves = new Map<number, bigint>();
  for (const position of steps.flat())
    reserves.set(position.account, (reserves.get(position.account) ?? 0n) + reserveMicro(position, prices));
  return reserves;
}
