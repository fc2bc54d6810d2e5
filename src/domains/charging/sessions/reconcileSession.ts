import { present } from "#kernel/units/assert.ts";
import type {
  ChargingSession,
  ExceptionReason,
  SessionException,
  SessionNote,
  TimeSpan,
} from "./chargingSession.ts";
import { type MendedClock, mendClock } from "./mendClock.ts";
import type { RegisterReading, SessionRecord } from "./sessionRecord.ts";

/** A session that is not over yet, one that is, or what is wrong. */
export type Reconciled =
  | { readonly kind: "open" }
  | { readonly kind: "session"; readonly session: ChargingSession }
  | { readonly kind: "exception"; readonly exception: SessionException };

/** After its end a session waits so long for readings that are under way, s. */
export const SETTLE_AFTER_SECONDS = 900;
/** A session of which nothing was heard for so long has ended, s: a day. */
export const SILENCE_SECONDS = 86_400;
/** Meters and clocks are not exact: energy may be so much above rating × time. */
const ENERGY_TOLERANCE = { ratio: 1.25, wh: 1_000 };
const SECONDS_PER_HOUR = 3_600;

/**
 * Makes one session, or one named exception, of all that a station said of it, in whatever order, however late and often it came
 * (docs/charging-stations.md, "One session"). What was not measured is not charged for. `ratedW` is what the station can give.
 */
export function reconcileSession(
  received: readonly SessionRecord[],
  { now, ratedW }: { readonly now: number; readonly ratedW: number },
): Reconciled {
  const { records: distinct, isContradictory } = withoutRepeats(received);
  if (isOpen(distinct, now)) return { kind: "open" };
  if (isContradictory) return exception(received, "contradiction");
  const clock = mendClock(distinct);
  if (clock.isUnknown) return exception(received, "clockUnknown");
  const session = buildSession(clock, { hasRepeats: distinct.length < received.length });
  if (typeof session === "string") return exception(received, session);
  return isPlausible(session, ratedW)
    ? { kind: "session", session }
    : exception(received, "energyImplausible");
}

function exception(records: readonly SessionRecord[], reason: ExceptionReason): Reconciled {
  const { stationId, sessionId } = present(records[0], "a record of the session");
  return { kind: "exception", exception: { stationId, sessionId, reason } };
}

/** A message that comes again says the same; its first receipt is the closest to the truth. */
function withoutRepeats(received: readonly SessionRecord[]) {
  const byContent = new Map<string, SessionRecord>();
  for (const record of [...received].sort((one, other) => one.receivedAt - other.receivedAt)) {
    const content = contentOf(record);
    if (!byContent.has(content)) byContent.set(content, record);
  }
  const records = [...byContent.values()];
  const count = (kind: SessionRecord["kind"]) => records.filter((record) => record.kind === kind).length;
  const numbers = records.flatMap(({ sequence }) => (sequence === null ? [] : [sequence]));
  const isContradictory = count("start") > 1 || count("stop") > 1 || new Set(numbers).size < numbers.length;
  return { records, isContradictory };
}

function contentOf({ receivedAt: _, isOffline: __, registers, ...said }: SessionRecord): string {
  return JSON.stringify([said, registers.map(({ at, registerWh }) => [at, registerWh.toString()])]);
}

function isOpen(records: readonly SessionRecord[], now: number): boolean {
  const newest = Math.max(...records.map(({ receivedAt }) => receivedAt));
  const hasEnded = records.some(({ kind }) => kind === "stop");
  return now - newest < (hasEnded ? SETTLE_AFTER_SECONDS : SILENCE_SECONDS);
}

function buildSession(
  { records, wasWrong, wasLate }: MendedClock,
  { hasRepeats }: { hasRepeats: boolean },
): ChargingSession | ExceptionReason {
  const { stationId, sessionId } = present(records[0], "a record of the session");
  const start = records.find(({ kind }) => kind === "start");
  const stop = records.find(({ kind }) => kind === "stop");
  const idToken = records.find((record) => record.idToken !== null)?.idToken;
  const evseId = records.find((record) => record.evseId !== null)?.evseId;
  if (idToken === undefined || idToken === null || evseId === undefined || evseId === null)
    return "driverUnknown";
  const measured = sortReadings(records.flatMap(({ registers }) => registers));
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || measured.length < 2) return "energyUnknown";
  if (hasFall(measured)) return "registerFell";
  const startedAt = start?.at ?? first.at;
  const endedAt = stop?.at ?? Math.max(last.at, startedAt);
  if (endedAt < startedAt) return "endsBeforeStart";
  const readings = measured.map((reading) => within(reading, { from: startedAt, to: endedAt }));
  const chargingEndedAt = lastFlow(readings) ?? startedAt;
  return {
    stationId,
    sessionId,
    evseId,
    idToken,
    startedAt,
    endedAt,
    chargingEndedAt,
    idle: idleSpans(records, { from: chargingEndedAt, to: endedAt }),
    readings,
    energyWh: last.registerWh - first.registerWh,
    notes: notesOf([
      [hasRepeats, "duplicates"],
      [wasLate, "sentLate"],
      [wasWrong, "clockWrong"],
      [start === undefined, "startMissing"],
      [stop === undefined, "stopMissing"],
    ]),
  };
}

function notesOf(table: readonly (readonly [boolean, SessionNote])[]): SessionNote[] {
  return table.filter(([applies]) => applies).map(([, note]) => note);
}

/** By time; at one time by register. The same reading in two messages is one. */
function sortReadings(readings: readonly RegisterReading[]): RegisterReading[] {
  const sorted = [...readings].sort(
    (one, other) => one.at - other.at || Number(one.registerWh - other.registerWh),
  );
  return sorted.filter(
    ({ at, registerWh }, i) => at !== sorted[i - 1]?.at || registerWh !== sorted[i - 1]?.registerWh,
  );
}

function hasFall(readings: readonly RegisterReading[]): boolean {
  return readings.some(({ registerWh }, i) => registerWh < (readings[i - 1]?.registerWh ?? 0n));
}

function within({ at, registerWh }: RegisterReading, { from, to }: TimeSpan): RegisterReading {
  return { at: Math.min(Math.max(at, from), to), registerWh };
}

/** The newest reading that is above the one before; null when nothing flowed. */
function lastFlow(readings: readonly RegisterReading[]): number | null {
  const rising = readings.filter(
    ({ registerWh }, i) => i > 0 && registerWh > (readings[i - 1]?.registerWh ?? registerWh),
  );
  return rising.at(-1)?.at ?? null;
}

/** The time after charging, less that in which the station itself held the vehicle up. */
function idleSpans(records: readonly SessionRecord[], after: TimeSpan): TimeSpan[] {
  const states = records
    .filter(({ state }) => state !== null)
    .sort((one, other) => one.at - other.at)
    .map(({ at, state }) => ({ at, isHeld: state === "suspendedByStation" }));
  const changes = [{ at: Number.NEGATIVE_INFINITY, isHeld: false }, ...states];
  return changes
    .map(({ at, isHeld }, i) => ({
      isHeld,
      from: Math.max(at, after.from),
      to: Math.min(changes[i + 1]?.at ?? after.to, after.to),
    }))
    .filter(({ isHeld, from, to }) => !isHeld && to > from)
    .map(({ from, to }) => ({ from, to }))
    .reduce<TimeSpan[]>(joinSpan, []);
}

function joinSpan(spans: readonly TimeSpan[], { from, to }: TimeSpan): TimeSpan[] {
  const last = spans.at(-1);
  return last?.to === from ? [...spans.slice(0, -1), { from: last.from, to }] : [...spans, { from, to }];
}

function isPlausible({ energyWh, startedAt, endedAt }: ChargingSession, ratedW: number): boolean {
  const ratedWh = (ratedW * (endedAt - startedAt)) / SECONDS_PER_HOUR;
  return Number(energyWh) <= ratedWh * ENERGY_TOLERANCE.ratio + ENERGY_TOLERANCE.wh;
}
