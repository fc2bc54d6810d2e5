import { expect, it } from "vitest";
import { createIncidents } from "#platform/runtime/incidents.ts";
import { reportSession } from "./sessionIncidents.ts";
import type { SessionTrouble } from "./stationOperator.ts";

const AREA = 3;
const PLACE = { stationId: "station-1", sessionId: "17" };
const ID = `0x${"5a".repeat(32)}` as const;

const TROUBLES: readonly (readonly [SessionTrouble, string, string])[] = [
  [
    { kind: "exception", exception: { ...PLACE, reason: "registerFell" } },
    "registerFell station-1 17",
    "Session 17 at station station-1 is not charged: its meter's register fell",
  ],
  [
    { kind: "uncovered", ...PLACE },
    "uncovered station-1 17",
    "No driver's hold covers session 17 at station station-1, so that nobody pays for it",
  ],
  [
    { kind: "refused", id: ID, stationId: "station-1", sentence: "the wallet has too little" },
    `refused station-1 ${ID}`,
    `The chain refused a step of session ${ID} at station station-1: the wallet has too little`,
  ],
];

it.each(TROUBLES)("%j names station and session", (trouble, reason, sentence) => {
  const incidents = createIncidents(() => 1_000);
  reportSession(incidents, AREA, trouble);
  expect(incidents.list()).toMatchObject([
    { kind: "sessionTrouble", areaId: AREA, reason, sentence, count: 1, at: 1_000 },
  ]);
});

it("counts a step that is refused again, and hides no other session behind it", () => {
  const incidents = createIncidents(() => 1_000);
  for (const id of [ID, ID, `0x${"5b".repeat(32)}` as const])
    reportSession(incidents, AREA, { kind: "refused", id, stationId: "station-1", sentence: "no" });
  expect(
    incidents
      .list()
      .map(({ count }) => count)
      .sort(),
  ).toEqual([1, 2]);
});
