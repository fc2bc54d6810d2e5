import { DomainError } from "#kernel/units/domainError.ts";
import { groupCommit } from "#platform/store/groupCommit.ts";
import { hourOf, openSessionArchive, type SessionItem } from "./sessionArchive.ts";
import type { SessionRecord } from "./sessions/sessionRecord.ts";

/** A start in OCPP 1.6, whose session the central system numbers. */
export type NumberedStart = {
  readonly stationId: string;
  readonly evseId: number;
  readonly at: number;
  readonly registerWh: bigint;
  readonly idToken: string;
};

/** What stations said of the sessions that are not settled yet. */
export type SessionBook = {
  /** The number of a session of OCPP 1.6: the same for a start that comes again, else one that no session had. */
  numberOf(start: NumberedStart): number;
  /** The session that began at a charging point and has not ended; null when there is none. */
  runningAt(stationId: string, evseId: number): string | null;
  /**
   * Takes a record in; it is on the disk when this is done.
   *
   * @throws TooManyRecordsError when the station's sessions, or the records of one, are more than a session needs
   */
  keep(record: SessionRecord): Promise<void>;
  /** Records of the sessions that are not settled, in the order in which they came, the sessions in that of their first. */
  unsettled(): readonly (readonly SessionRecord[])[];
};

/** What is older has been settled, or will never be. */
export const REMEMBERED_DAYS = 8;
/** A week of a reading a minute, twice. */
const MOST_RECORDS = 20_160;
/** Sessions of one station that are not settled: more than its charging points have in the days that a start may be late. */
const MOST_SESSIONS = 512;
const SECONDS_PER_DAY = 86_400;

/** Opens the book with what the archive in `directory` holds of the last days; `now` in unix seconds. */
export function openSessionBook(directory: string, now: () => number): SessionBook {
  const archive = openSessionArchive(directory);
  const memory = createMemory();
  const earliest = hourOf(Math.max(0, now() - REMEMBERED_DAYS * SECONDS_PER_DAY));
  for (const file of archive.files().filter((name) => name >= earliest))
    for (const item of archive.read(file)) memory.take(item);
  const commit = groupCommit<SessionItem>((items) => archive.append(items));
  return {
    numberOf: memory.numberOf,
    runningAt: memory.runningAt,
    keep(record) {
      memory.refuse(record);
      memory.take(record);
      return commit(record);
    },
    unsettled: memory.unsettled,
  };
}

/** Sessions by station and name, and what numbers and charging points they have. */
function createMemory() {
  const stations = new Map<string, Map<string, SessionRecord[]>>();
  const running = new Map<string, string>();
  const numbers = new Map<string, number>();
  let lastNumber = 0;
  const sessionsOf = (stationId: string) => {
    const known = stations.get(stationId) ?? new Map<string, SessionRecord[]>();
    stations.set(stationId, known);
    return known;
  };
  return {
    numberOf(start: NumberedStart): number {
      const key = startKey(start);
      const number = numbers.get(key) ?? lastNumber + 1;
      numbers.set(key, number);
      lastNumber = Math.max(lastNumber, number);
      return number;
    },
    runningAt: (stationId: string, evseId: number) => running.get(pointKey(stationId, evseId)) ?? null,
    refuse({ stationId, sessionId }: SessionRecord): void {
      const sessions = sessionsOf(stationId);
      const records = sessions.get(sessionId)?.length ?? 0;
      if (records >= MOST_RECORDS || (records === 0 && sessions.size >= MOST_SESSIONS))
        throw new TooManyRecordsError(stationId);
    },
    take(item: SessionItem): void {
      if (item.kind === "settled") return;
      const sessions = sessionsOf(item.stationId);
      const records = sessions.get(item.sessionId);
      if (records === undefined) sessions.set(item.sessionId, [item]);
      else records.push(item);
      noteRunning(running, item, records?.[0]?.evseId ?? null);
      lastNumber = Math.max(lastNumber, noteNumber(numbers, item));
    },
    unsettled: () => [...stations.values()].flatMap((sessions) => [...sessions.values()]),
  };
}

function noteRunning(running: Map<string, string>, record: SessionRecord, startedAt: number | null): void {
  const evseId = record.evseId ?? startedAt;
  if (evseId === null) return;
  const key = pointKey(record.stationId, evseId);
  if (record.kind === "start") running.set(key, record.sessionId);
  if (record.kind === "stop" && running.get(key) === record.sessionId) running.delete(key);
}

/** The number that a start of OCPP 1.6 has, remembered; 0 for all others. */
function noteNumber(numbers: Map<string, number>, record: SessionRecord): number {
  const { kind, sequence, evseId, idToken, at, stationId, sessionId } = record;
  const registerWh = record.registers[0]?.registerWh;
  if (
    kind !== "start" ||
    sequence !== null ||
    evseId === null ||
    idToken === null ||
    registerWh === undefined
  )
    return 0;
  numbers.set(startKey({ stationId, evseId, at, registerWh, idToken }), Number(sessionId));
  return Number(sessionId);
}

function startKey({ stationId, evseId, at, registerWh, idToken }: NumberedStart): string {
  return JSON.stringify([stationId, evseId, at, registerWh.toString(), idToken]);
}

function pointKey(stationId: string, evseId: number): string {
  return `${stationId}/${evseId}`;
}

export class TooManyRecordsError extends DomainError {
  readonly code = "tooManyRecords";

  constructor(stationId: string) {
    super(
      `the station ${stationId} has ${MOST_SESSIONS} sessions that are not settled, or ${MOST_RECORDS} records of one`,
    );
  }
}
