import type { Participant } from "./names.ts";

/** What an account is in an area: a metering point, or a party of the area, which has no meter. */
export type Member = Participant["members"][number];

/** The members of an account whose meter is in use: only these trade. */
export function tradingMembers({ members }: Pick<Participant, "members">): Member[] {
  return members.filter(({ capacityW }) => capacityW > 0);
}

/**
 * What an account's money in markets is to it: it covers the orders of who trades, and the surpluses that a supplier takes;
 * the grid operator and the fund are paid, and owe nothing there.
 */
export type MarketMoney = "orders" | "surpluses" | "income";

/** See {@link MarketMoney}. An account that is in no area may still sign for others. */
export function marketMoney(participant: Pick<Participant, "members">): MarketMoney {
  if (tradingMembers(participant).length > 0) return "orders";
  const parties = participant.members.map(({ party }) => party);
  if (parties.includes("supplier")) return "surpluses";
  return parties.includes("dso") || parties.includes("fund") ? "income" : "orders";
}

/** The members of an account that have money in a market or may: all but retired meters whose margin is out. */
export function membersWithMargin({ members, margins }: Pick<Participant, "members" | "margins">): Member[] {
  const holds = ({ areaId, member }: Member) =>
    margins.some(
      (margin) =>
        margin.areaId === areaId &&
        margin.member === member &&
        BigInt(margin.marginMicro) + BigInt(margin.escrowMicro) > 0n,
    );
  return members.filter((each) => !isRetired(each) || holds(each));
}

/** Whether it had a meter, and has it no more. */
export function isRetired({ meterId, capacityW }: Member): boolean {
  return meterId !== null && capacityW === 0;
}

/** A member by its area and its number there. */
export function memberText({ areaId, member }: Pick<Member, "areaId" | "member">): string {
  return `area ${areaId}, member ${member}`;
}
