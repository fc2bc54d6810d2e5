import type { SettlementPrices } from "#domains/pool/rules/area.ts";
import { reserveMicro } from "#domains/pool/rules/settlement.ts";
import type { MemberPosition } from "./positionWord.ts";

/** What is reserved for each member of a clearing, micro (R7.3). */
export function reservesOf(
  positions: Iterable<MemberPosition>,
  prices: SettlementPrices,
): ReadonlyMap<number, bigint> {
  return new Map([...positions].map((position) => [position.member, reserveMicro(position, prices)]));
}
