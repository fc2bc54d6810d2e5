import { memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { ContractRefusalError } from "#platform/chain/contractRefusal.ts";

/** A refusal for the sake of some members of an area: its name, and whose orders the chain does not take. */
export type MemberRefusal = { readonly refusal: string; readonly members: ReadonlySet<number> };

/** Refusals that name one member. */
const OF_A_MEMBER: ReadonlySet<string> = new Set([
  "NotTradable",
  "InvalidSignature",
  "OnBothSides",
  "AboveCapacity",
  "OutsidePriceBand",
  "TooManyOrders",
  "PaymentTooLarge",
]);

/** Whose orders a refused clearing is refused for; null when it is for nobody's, or no refusal at all. */
export function memberRefusalOf(error: unknown): MemberRefusal | null {
  if (!(error instanceof ContractRefusalError)) return null;
  const { refusal, values } = error;
  if (refusal === "MarginsFallShort") return { refusal, members: membersOfSeats(values.seats ?? "") };
  if (refusal === "AmountTooLarge") return { refusal, members: membersOfSeats(values.seat ?? "") };
  if (OF_A_MEMBER.has(refusal)) return { refusal, members: new Set([Number(values.member)]) };
  return null;
}

/** Seats as a refusal lists them: numbers with commas between them. */
function membersOfSeats(list: string): ReadonlySet<number> {
  return new Set(list.split(",").map((seat) => memberOfSeat(Number(seat))));
}
