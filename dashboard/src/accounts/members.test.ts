import { expect, it } from "vitest";
import { marginIn } from "./marginIn.ts";
import { type Member, marketMoney, membersWithMargin, tradingMembers } from "./members.ts";

const HEX = `0x${"11".repeat(32)}`;
const member = (number: number, more: Partial<Member> = {}): Member => ({
  ...{ areaId: 1, member: number, meterId: HEX, capacityW: 17_250, party: null },
  ...more,
});
const margin = (place: Pick<Member, "areaId" | "member">, marginMicro: string, escrowMicro = "0") => ({
  ...{ market: "0xab", areaId: place.areaId, member: place.member, marginMicro, escrowMicro },
});

it("lets trade who has a meter in use", () => {
  const party = member(1, { meterId: null, capacityW: 0 });
  const retired = member(5, { capacityW: 0 });
  expect(tradingMembers({ members: [party, member(4), retired] })).toEqual([member(4)]);
});

it("tells what covers orders or surpluses from what is income", () => {
  const party = (name: NonNullable<Member["party"]>) =>
    member(1, { meterId: null, capacityW: 0, party: name });
  expect(marketMoney({ members: [member(4)] })).toBe("orders");
  expect(marketMoney({ members: [party("dso"), member(4)] })).toBe("orders");
  expect(marketMoney({ members: [party("dso"), party("supplier")] })).toBe("surpluses");
  expect(marketMoney({ members: [party("dso")] })).toBe("income");
  expect(marketMoney({ members: [party("fund")] })).toBe("income");
  expect(marketMoney({ members: [] })).toBe("orders");
});

it("leaves a retired meter out once nothing of its money is left in a market", () => {
  const party = member(1, { meterId: null, capacityW: 0 });
  const [paidOut, open, full] = [5, 6, 7].map((number) => member(number, { capacityW: 0 }));
  const members = [party, member(4), paidOut!, open!, full!];
  const margins = [margin(paidOut!, "0"), margin(open!, "0", "5"), margin(full!, "7")];
  expect(membersWithMargin({ members, margins })).toEqual([party, member(4), open, full]);
});

it("has a margin by area, member and market", () => {
  const home = member(4);
  const elsewhere = member(4, { areaId: 2 });
  const participant = { margins: [margin(home, "7"), margin(elsewhere, "9")] };
  expect(marginIn(participant, { market: "0xab", ...elsewhere })).toBe("9");
  expect(marginIn(participant, { market: "0xab", ...member(5) })).toBe("0");
  expect(marginIn(participant, { market: "0xcd", ...home })).toBe("0");
});
