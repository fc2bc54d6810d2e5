import { expect, it } from "vitest";
import { seededRandom } from "#kernel/units/random.ts";
import { drawRecordedWishes, readRecordedSessions, SessionsFileError } from "./recordedSessions.ts";

const HEADER = "sessionId,kwhTotal,created,ended,stationId";
const row = (day: string, kwh: string, from: string, until: string, station: number) =>
  `1,${kwh},${day} ${from},${day} ${until},s${station}`;
const workday = (day: string) =>
  Array.from({ length: 10 }, (_, i) => row(day, "6.5", "08:00:00", "12:30:00", i));

it("mends years that lost their century, and counts what is no session of a day", () => {
  const rows = [
    ...workday("0015-03-02"),
    ...workday("2015-03-03"),
    row("0015-03-02", "0", "08:00:00", "09:00:00", 1),
    row("0015-03-02", "5", "09:00:00", "08:00:00", 1),
    row("0015-03-02", "5", "soon", "08:00:00", 1),
    "1,5,0015-03-02 23:00:00,0015-03-03 01:00:00,s1",
    row("0015-03-04", "5", "08:00:00", "09:00:00", 1),
  ];
  const sessions = readRecordedSessions("sessions.csv", [HEADER, ...rows].join("\n"));
  expect(sessions).toMatchObject({ rows: 25, mendedYears: 15, leftOut: 4 });
  expect(sessions.days).toHaveLength(2);
  expect(sessions.days[0]?.[0]).toEqual({
    day: "2015-03-02",
    stationId: "s0",
    arrivesAt: 8 * 3_600,
    leavesAt: 12.5 * 3_600,
    wantedWh: 6_500,
  });
});

it("lays recorded days on one another, each charging point at one of eight stations", () => {
  const sessions = readRecordedSessions("sessions.csv", [HEADER, ...workday("2015-03-03")].join("\n"));
  const wishes = drawRecordedWishes(sessions, seededRandom(1));
  expect(wishes).toHaveLength(96);
  expect(new Set(wishes.map(({ station }) => station))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
  expect(wishes.every(({ wantedWh }) => wantedWh === 6_500)).toBe(true);
});

it("refuses what is no recording of sessions", () => {
  expect(() => readRecordedSessions("a.csv", "kwhTotal,created\n1,2")).toThrow(SessionsFileError);
  expect(() => readRecordedSessions("a.csv", `${HEADER}\n`)).toThrow("no day with 10 sessions");
});
