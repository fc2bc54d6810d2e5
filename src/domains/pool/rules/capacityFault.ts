import type { MemberPosition } from "./positionWord.ts";

const SECONDS_PER_HOUR = 3_600n;

/** A position that a member's connection cannot carry. */
export type CapacityFault = { readonly member: number; readonly finding: string };

/**
 * A step of a clearing leads from the positions `before` it to those `after`: none becomes larger than what its member's
 * connection carries in the interval, capacity × length. Null when it is so.
 *
 * @property capacityOf a member's connection, W
 */
export function findCapacityFault({
  before,
  after,
  intervalSeconds,
  capacityOf,
}: {
  readonly before: readonly MemberPosition[];
  readonly after: readonly MemberPosition[];
  readonly intervalSeconds: number;
  readonly capacityOf: (member: number) => number;
}): CapacityFault | null {
  const known = new Map(before.map((position) => [position.member, energyOf(position)]));
  for (const position of after) {
    const { member } = position;
    const energyWh = energyOf(position);
    if (energyWh === (known.get(member) ?? 0n)) continue;
    const capacityW = capacityOf(member);
    if (energyWh * SECONDS_PER_HOUR <= BigInt(capacityW) * BigInt(intervalSeconds)) continue;
    const finding = `member ${member} trades ${energyWh} Wh, more than its connection of ${capacityW} W carries in ${intervalSeconds} s`;
    return { member, finding };
  }
  return null;
}

function energyOf({ boughtWh, soldWh }: MemberPosition): bigint {
  return boughtWh + soldWh;
}
