import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { Random } from "#kernel/units/random.ts";
import { splitText } from "#world/meterFiles/delimited.ts";
import { ONE_PHASE, STATIONS, type Wish } from "./chargingDay.ts";

const DAY_SECONDS = 86_400;
const CENTURY = 2_000;
const COLUMNS = ["kwhTotal", "created", "ended", "stationId"] as const;
/** Days with fewer sessions are no working days. */
const LEAST_SESSIONS = 10;

/** A recorded session: seconds of its day, and energy. */
type RecordedSession = {
  readonly day: string;
  readonly stationId: string;
  readonly arrivesAt: number;
  readonly leavesAt: number;
  readonly wantedWh: number;
};

/**
 * What a file of sessions has.
 *
 * @property mendedYears rows whose year was below 100, and is taken for one of this century: 0014 for 2014
 * @property leftOut rows that are no session of one day: unreadable, without energy, without time, or over midnight
 */
export type RecordedSessions = {
  readonly days: readonly (readonly RecordedSession[])[];
  readonly rows: number;
  readonly mendedYears: number;
  readonly leftOut: number;
};

/**
 * Reads recorded sessions: columns `kwhTotal`, `created`, `ended` and `stationId`. A year below 100 has lost its century, and gets that of
 * 2000.
 *
 * @throws SessionsFileError when a column is missing or no day has sessions enough
 */
export function readRecordedSessions(file: string, text: string): RecordedSessions {
  const [header = [], ...rows] = splitText(text).rows;
  const places = COLUMNS.map((name) => header.indexOf(name));
  const missing = COLUMNS.filter((_, i) => places[i] === -1);
  if (missing.length > 0) throw new SessionsFileError(file, `has no column ${missing.join(", ")}`);
  const byDay = new Map<string, RecordedSession[]>();
  let [mendedYears, leftOut] = [0, 0];
  for (const cells of rows) {
    const [energy = "", created = "", ended = "", stationId = ""] = places.map((place) => cells[place] ?? "");
    if (mendYear(created) !== created) mendedYears += 1;
    const session = sessionOf({ energy, stationId, created: mendYear(created), ended: mendYear(ended) });
    if (session === null) leftOut += 1;
    else byDay.set(session.day, [...(byDay.get(session.day) ?? []), session]);
  }
  const days = [...byDay.values()].filter((sessions) => sessions.length >= LEAST_SESSIONS);
  if (days.length === 0) throw new SessionsFileError(file, `has no day with ${LEAST_SESSIONS} sessions`);
  return { days, rows: rows.length, mendedYears, leftOut };
}

function mendYear(time: string): string {
  return time.replace(/^00(\d\d)-/, (_, year: string) => `${CENTURY + Number(year)}-`);
}

function sessionOf(
  said: Record<"energy" | "stationId" | "created" | "ended", string>,
): RecordedSession | null {
  const [from, until] = [secondsOf(said.created), secondsOf(said.ended)];
  const wantedWh = Number(said.energy) * 1_000;
  if (from === null || until === null || !(wantedWh > 0) || until <= from) return null;
  const day = Math.floor(from / DAY_SECONDS);
  if (Math.floor(until / DAY_SECONDS) !== day) return null;
  const start = day * DAY_SECONDS;
  return {
    day: said.created.slice(0, 10),
    stationId: said.stationId,
    arrivesAt: from - start,
    leavesAt: until - start,
    wantedWh,
  };
}

/** A local time as if it were UTC. */
function secondsOf(time: string): number | null {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(time)) return null;
  const millis = Date.parse(`${time.replace(" ", "T")}Z`);
  return Number.isNaN(millis) ? null : millis / 1_000;
}

/** Sessions that are laid on one day: as many as the generator has. */
const SESSIONS_A_DAY = 96;

/**
 * A day of recorded sessions: recorded days, drawn with replacement, laid on one another until there are 96 sessions. A recorded
 * charging point belongs to the same of the eight stations all that day. What a vehicle takes at most is not recorded: one phase.
 */
export function drawRecordedWishes({ days }: RecordedSessions, random: Random): Wish[] {
  const wishes: Wish[] = [];
  while (wishes.length < SESSIONS_A_DAY) {
    const day = present(days[Math.floor(random() * days.length)], "a recorded day");
    const first = Math.floor(random() * STATIONS);
    const places = [...new Set(day.map(({ stationId }) => stationId))];
    for (const { stationId, arrivesAt, leavesAt, wantedWh } of day) {
      const station = 1 + ((first + places.indexOf(stationId)) % STATIONS);
      wishes.push({ station, arrivesAt, leavesAt, wantedWh, power: ONE_PHASE, isAnnounced: false });
    }
  }
  return wishes.slice(0, SESSIONS_A_DAY);
}

/** A file that is no recording of sessions. */
export class SessionsFileError extends DomainError {
  readonly code = "sessionsFile";

  constructor(file: string, what: string) {
    super(`${file} ${what}`);
  }
}
