import type { MemberPosition } from "./positionWord.ts";
import type { Position } from "./settlement.ts";

/** Positions of several steps added up by member, by rising member. */
export function mergePositions(positions: Iterable<MemberPosition>): ReadonlyMap<number, MemberPosition> {
  const merged = new Map<number, MemberPosition>();
  for (const position of positions) {
    const old = merged.get(position.member);
    merged.set(position.member, old ? addPositions(old, position) : position);
  }
  return new Map([...merged].sort(([a], [b]) => a - b));
}

/** Two positions of one member on one side as one. */
export function addPositions(a: MemberPosition, b: Position): MemberPosition {
  return {
    member: a.member,
    side: a.side,
    boughtWh: a.boughtWh + b.boughtWh,
    soldWh: a.soldWh + b.soldWh,
    exactPayment: a.exactPayment + b.exactPayment,
  };
}
