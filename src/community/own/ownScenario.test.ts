import { expect, it } from "vitest";
import { accountOf, PARTIES } from "#world/simulation/accounts.ts";
import { parseCommunityFile } from "./communityFile.ts";
import { communityTemplate } from "./communityTemplate.ts";
import type { OwnRecord } from "./ownCommunity.ts";
import { beginsAt, ownScenario } from "./ownScenario.ts";

const TEXT = communityTemplate({
  ...{ name: "Lane", currency: "EUR", timeZone: "Europe/Vienna", intervalMinutes: 60 },
  ...{ rpcUrl: "embedded", contracts: "new", token: "test" },
  ...{ retailPerKwh: 0.32, feedInPerKwh: 0.08, gridFeePerKwh: 0.03 },
}).replace("\nmarket:", "\n  - from: 2030-06-01\n    retailPerKwh: 0.4\n    feedInPerKwh: 0.09\nmarket:");

const FOUNDED_AT = Date.parse("2030-05-31T12:00:00Z") / 1_000;
const RECORD: OwnRecord = {
  operator: "0x00",
  areaId: 3,
  foundedAt: FOUNDED_AT,
  tariffs: [],
  parties: { supplier: 11, dso: 12, fund: 13 },
  members: [{ id: "ada", name: "Ada", member: 7, account: 21, meterId: "0x01" }],
};
const MEMBERS = [
  { id: "ada", name: "Ada", meteringPoint: "AT1", connectionW: 9_000, owner: "here", device: "here" },
] as const;

it("changes the tariff with the first second of the local day", () => {
  const { tariff } = ownScenario({ file: parseCommunityFile(TEXT, "c"), members: MEMBERS }, RECORD);
  // Midnight in Vienna is 22:00 UTC in summer: ten hours after the founding.
  expect([9, 10].map((index) => tariff.at(index).retailMicroPerKwh)).toEqual([320_000, 400_000]);
  expect(tariff.at(10).feedInMicroPerKwh).toBe(90_000);
});

it("has members where the chain numbered them, whatever others registered between", () => {
  const scenario = ownScenario({ file: parseCommunityFile(TEXT, "c"), members: MEMBERS }, RECORD);
  expect(accountOf(scenario, PARTIES.dso)).toBe(12);
  expect(accountOf(scenario, 7)).toBe(21);
  expect(scenario.homes).toMatchObject([{ id: "ada", member: 7, connectionW: 9_000, battery: null }]);
  expect(scenario.isMetered).toBe(true);
});

it("begins a day where a zone skips its midnight with what follows", () => {
  // Beirut went from 23:59 to 01:00 on 27 March 2022.
  expect(beginsAt("2022-03-27", "Asia/Beirut")).toBe(Date.parse("2022-03-26T22:00:00Z") / 1_000);
  expect(beginsAt(undefined, "UTC")).toBe(Number.NEGATIVE_INFINITY);
});
