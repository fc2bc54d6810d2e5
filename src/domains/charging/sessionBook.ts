import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { groupCommit } from "#platform/store/groupCommit.ts";
import {
  hourOf,
  openSessionArchive,
  type RegisterRange,
  type SessionItem,
  type SettledMark,
} from "./sessionArchive.ts";
import type { ChargingSession } from "./sessions/chargingSession.ts";
import { type Reconciled, reconcileSession } from "./sessions/reconcileSession.ts";
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
   * Takes a record in; it is on the disk when this is done. A session that is settled is not opened again.
   *
   * @throws TooManyRecordsError when the station's sessions, or the records of one, are more than a session needs
   */
  keep(record: SessionRecord): Promise<"kept" | "afterSettlement">;
  /** Records of the sessions that are not settled, in the order in which they came, the sessions in that of their first. */
  unsettled(): readonly (readonly SessionRecord[])[];
  /**
   * Settles the sessions that are over. Each is marked when `deliver` is done with it, so that one whose delivery a crash
   * interrupted comes again, by the same names, and no other does.
   */
  settle(how: {
    /** What a station can give, W. */
    readonly ratedW: (stationId: string) => number;
    readonly deliver: (settled: Settled) => Promise<void> | void;
  }): Promise<void>;
};

/** A session that is over, or what is wrong with it. */
export type Settled = Exclude<Reconciled, { readonly kind: "open" }>;

/** What is older has been settled, or will never be. */
export const REMEMBERED_DAYS = 8;
/**
 * Sessions of OCPP 1.6 are numbered from the seconds since 2025 on at each start, so that a number which is no longer remembered is
 * not given again: nobody has a session a second for days.
 */
const NUMBERS_SINCE = 1_735_689_600;
/** A week of a reading a minute, twice. */
const MOST_RECORDS = 20_160;
/** Sessions of one station that are not settled: more than its charging points have in the days that a start may be late. */
const MOST_SESSIONS = 512;
const SECONDS_PER_DAY = 86_400;

/**
 * Opens the book with what the archive in `directory` holds of the last days; `now` in unix seconds.
 *
 * @param onRecord hears of each record as it is taken in
 */
export function openSessionBook(
  directory: string,
  now: () => number,
  onRecord: (record: SessionRecord) => void = () => {},
): SessionBook {
  const archive = openSessionArchive(directory);
  const memory = createMemory(Math.max(0, now() - NUMBERS_SINCE));
  const earliest = hourOf(Math.max(0, now() - REMEMBERED_DAYS * SECONDS_PER_DAY));
  for (const file of archive.files().filter((name) => name >= earliest))
    for (const item of archive.read(file)) memory.take(item);
  const commit = groupCommit<SessionItem>((items) => archive.append(items));
  return {
    numberOf: (start) => memory.numberOf(start, now()),
    runningAt: memory.runningAt,
    async keep(record) {
      const isSettled = memory.isSettled(record);
      memory.refuse(record);
      memory.take(record);
      onRecord(record);
      await commit(record);
      return isSettled ? "afterSettlement" : "kept";
    },
    unsettled: memory.unsettled,
    async settle({ ratedW, deliver }) {
      const marks: Promise<void>[] = [];
      for (const records of memory.unsettled()) {
        const result = settleOne(records, { memory, now: now(), ratedW });
        if (result === null) continue;
        await deliver(result.settled);
        memory.take(result.mark);
        marks.push(commit(result.mark));
      }
      await Promise.all(marks);
      memory.forget(now() - REMEMBERED_DAYS * SECONDS_PER_DAY);
    },
  };
}

/** Null while the session is open. */
function settleOne(
  records: readonly SessionRecord[],
  {
    memory,
    now,
    ratedW,
  }: { readonly memory: Memory; readonly now: number; readonly ratedW: (stationId: string) => number },
): { readonly settled: Settled; readonly mark: SettledMark } | null {
  const { stationId, sessionId } = present(records[0], "a record of the session");
  const result = reconcileSession(records, { now, ratedW: ratedW(stationId) });
  if (result.kind === "open") return null;
  const mark = { kind: "settled" as const, stationId, sessionId, receivedAt: now };
  if (result.kind === "exception") return { settled: result, mark: { ...mark, range: null } };
  const range = rangeOf(result.session);
  if (!memory.overlaps(stationId, range)) return { settled: result, mark: { ...mark, range } };
  const exception = { stationId, sessionId, reason: "registerOverlap" as const };
  return { settled: { kind: "exception", exception }, mark: { ...mark, range: null } };
}

function rangeOf({ evseId, readings, energyWh }: ChargingSession): RegisterRange {
  const fromWh = readings[0]?.registerWh ?? 0n;
  return { evseId, fromWh: fromWh.toString(), toWh: (fromWh + energyWh).toString() };
}

type Memory = ReturnType<typeof createMemory>;

/** Sessions by station and name, what numbers and charging points they have, and what was settled of late. */
function createMemory(numbersAfter: number) {
  const stations = new Map<string, Map<string, SessionRecord[]>>();
  const running = new Map<string, string>();
  const numbers = new Map<string, { readonly number: number; readonly at: number }>();
  const settled = new Map<string, SettledMark>();
  let lastNumber = numbersAfter;
  const sessionsOf = (stationId: string) => {
    const known = stations.get(stationId) ?? new Map<string, SessionRecord[]>();
    stations.set(stationId, known);
    return known;
  };
  const isSettled = (item: { stationId: string; sessionId: string }) => settled.has(sessionKey(item));
  return {
    isSettled,
    numberOf(start: NumberedStart, now: number): number {
      const key = startKey(start);
      const number = numbers.get(key)?.number ?? lastNumber + 1;
      numbers.set(key, { number, at: now });
      lastNumber = Math.max(lastNumber, number);
      return number;
    },
    runningAt: (stationId: string, evseId: number) => running.get(pointKey(stationId, evseId)) ?? null,
    refuse(record: SessionRecord): void {
      const sessions = sessionsOf(record.stationId);
      const records = sessions.get(record.sessionId)?.length ?? 0;
      if (records >= MOST_RECORDS || (records === 0 && sessions.size >= MOST_SESSIONS))
        throw new TooManyRecordsError(record.stationId);
    },
    take(item: SessionItem): void {
      const sessions = sessionsOf(item.stationId);
      if (item.kind === "settled") {
        settled.set(sessionKey(item), item);
        sessions.delete(item.sessionId);
        return;
      }
      lastNumber = Math.max(lastNumber, noteNumber(numbers, item));
      if (isSettled(item)) return;
      const records = sessions.get(item.sessionId);
      if (records === undefined) sessions.set(item.sessionId, [item]);
      else records.push(item);
      noteRunning(running, item, records?.[0]?.evseId ?? null);
    },
    unsettled: () => [...stations.values()].flatMap((sessions) => [...sessions.values()]),
    overlaps: (stationId: string, range: RegisterRange) =>
      [...settled.values()].some((mark) => mark.stationId === stationId && hasCommon(mark.range, range)),
    forget(before: number): void {
      for (const [key, { receivedAt }] of settled) if (receivedAt < before) settled.delete(key);
      for (const [key, { at }] of numbers) if (at < before) numbers.delete(key);
    },
  };
}

function hasCommon(one: RegisterRange | null, other: RegisterRange): boolean {
  if (one === null || one.evseId !== other.evseId) return false;
  return BigInt(one.fromWh) < BigInt(other.toWh) && BigInt(other.fromWh) < BigInt(one.toWh);
}

function noteRunning(running: Map<string, string>, record: SessionRecord, startedAt: number | null): void {
  const evseId = record.evseId ?? startedAt;
  if (evseId === null) return;
  const key = pointKey(record.stationId, evseId);
  if (record.kind === "start") running.set(key, record.sessionId);
  if (record.kind === "stop" && running.get(key) === record.sessionId) running.delete(key);
}

/** The number that a start of OCPP 1.6 has, remembered; 0 for all others. */
function noteNumber(
  numbers: Map<string, { readonly number: number; readonly at: number }>,
  record: SessionRecord,
): number {
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
  const key = startKey({ stationId, evseId, at, registerWh, idToken });
  numbers.set(key, { number: Number(sessionId), at: record.receivedAt });
  return Number(sessionId);
}

function startKey({ stationId, evseId, at, registerWh, idToken }: NumberedStart): string {
  return JSON.stringify([stationId, evseId, at, registerWh.toString(), idToken]);
}

function sessionKey({ stationId, sessionId }: { stationId: string; sessionId: string }): string {
  return `${stationId}/${sessionId}`;
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
