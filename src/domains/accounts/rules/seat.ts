/** A member of an area, by its number there. */
export type MemberPlace = { readonly areaId: number; readonly member: number };

/** Members that one area can number, 0 included: a seat's low 16 bits. */
const MEMBERS = 2 ** 16;

/** The seat of a member, areaId · 2¹⁶ + member: it belongs to one account for ever, and has a margin in each market. */
export function seatOf({ areaId, member }: MemberPlace): number {
  return areaId * MEMBERS + member;
}

export function areaOfSeat(seat: number): number {
  return Math.floor(seat / MEMBERS);
}

export function memberOfSeat(seat: number): number {
  return seat % MEMBERS;
}

/** The lowest and the highest seat that an area can have. */
export function seatsOfArea(areaId: number): { first: number; last: number } {
  return { first: areaId * MEMBERS, last: (areaId + 1) * MEMBERS - 1 };
}
