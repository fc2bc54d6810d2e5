import type { SessionRecord } from "./sessionRecord.ts";

/** A station's clock and ours differ by so little in ordinary operation, the way of a message included, s. */
export const CLOCK_TOLERANCE_SECONDS = 120;
/** What a station kept while it was offline comes within so many seconds: a week. */
export const LATEST_SECONDS = 604_800;

export type MendedClock = {
  /** The same records with our times. */
  readonly records: readonly SessionRecord[];
  readonly wasWrong: boolean;
  readonly wasLate: boolean;
  /** No record says when anything was. */
  readonly isUnknown: boolean;
};

/**
 * Gives the records of a session the times of our clock (docs/charging-stations.md, "The clock"). Nothing happened after we heard
 * of it, so that a time after its receipt proves a clock that is ahead; a time long before it is either a clock behind or a
 * message sent late, and these differ in that live messages come as far apart as they were made.
 */
export function mendClock(records: readonly SessionRecord[]): MendedClock {
  const error = clockError(records);
  const mended = records.map((record) => mendRecord(record, error));
  return {
    records: mended,
    wasWrong: records.some(({ at }, i) => mended[i]?.at !== at),
    wasLate: mended.some(({ at, receivedAt }) => receivedAt - at > CLOCK_TOLERANCE_SECONDS),
    isUnknown: records.every((record) => isImplausible(record, error) && record.isOffline !== false),
  };
}

/** How far the clock was ahead of ours all along, s; 0 when it was right, or was set right in between. */
function clockError(records: readonly SessionRecord[]): number {
  const byReceipt = [...records].sort((one, other) => one.receivedAt - other.receivedAt);
  const ahead = byReceipt.map(aheadOf);
  const most = Math.max(...ahead);
  if (most > CLOCK_TOLERANCE_SECONDS) {
    const isSetSince = (ahead.at(-1) ?? 0) <= CLOCK_TOLERANCE_SECONDS;
    return isSetSince ? 0 : most;
  }
  if (most >= -CLOCK_TOLERANCE_SECONDS) return 0;
  const live = byReceipt.filter((record) => most - aheadOf(record) <= CLOCK_TOLERANCE_SECONDS);
  const [first, last] = [live[0], live.at(-1)];
  const isLive = (last?.receivedAt ?? 0) - (first?.receivedAt ?? 0) > CLOCK_TOLERANCE_SECONDS;
  return isLive ? most : 0;
}

function mendRecord(record: SessionRecord, error: number): SessionRecord {
  const { at, receivedAt, registers } = record;
  const shifted = at - error;
  const isWrongLive = record.isOffline === false && receivedAt - shifted > CLOCK_TOLERANCE_SECONDS;
  const right = isWrongLive || isImplausible(record, error) ? receivedAt : Math.min(shifted, receivedAt);
  const shift = at - right;
  if (shift === 0) return record;
  return {
    ...record,
    at: right,
    registers: registers.map((reading) => ({ ...reading, at: Math.min(reading.at - shift, receivedAt) })),
  };
}

function isImplausible({ at, receivedAt }: SessionRecord, error: number): boolean {
  return receivedAt - (at - error) > LATEST_SECONDS;
}

function aheadOf({ at, receivedAt }: SessionRecord): number {
  return at - receivedAt;
}
