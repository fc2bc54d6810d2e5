import { type Archive, openArchive } from "#platform/store/archive.ts";
import type { SessionRecord } from "./sessions/sessionRecord.ts";

/** A session whose outcome was given out: what comes of it afterwards changes nothing. */
export type SettledMark = {
  readonly kind: "settled";
  readonly stationId: string;
  readonly sessionId: string;
  /** Unix seconds at which it was settled. */
  readonly receivedAt: number;
  /** What of the meter's register is charged for; null for an exception. */
  readonly range: RegisterRange | null;
};

/** From one reading of a charging point's register to another, Wh. */
export type RegisterRange = { readonly evseId: number; readonly fromWh: string; readonly toWh: string };

export type SessionItem = SessionRecord | SettledMark;

const HOUR_CHARACTERS = "2026-01-01T00".length;
const MILLIS_PER_SECOND = 1_000;

/** What stations said of sessions, in files of an hour; what was appended is on the disk. */
export function openSessionArchive(directory: string): Archive<SessionItem> {
  return openArchive({
    directory,
    codec: { encode, decode },
    fileOf: ({ receivedAt }) => hourOf(receivedAt),
  });
}

/** The file of an hour. */
export function hourOf(unixSeconds: number): string {
  return new Date(unixSeconds * MILLIS_PER_SECOND).toISOString().slice(0, HOUR_CHARACTERS);
}

function encode(item: SessionItem): unknown {
  if (item.kind === "settled") return item;
  return { ...item, registers: item.registers.map(({ at, registerWh }) => [at, registerWh.toString()]) };
}

/** A packet fits its checksum, so that its records are those which were written. */
function decode(value: unknown): SessionItem | null {
  if (typeof value !== "object" || value === null || !("kind" in value)) return null;
  if (value.kind === "settled") return value as SettledMark;
  const { registers, ...record } = value as Omit<SessionRecord, "registers"> & {
    registers: readonly (readonly [number, string])[];
  };
  return {
    ...record,
    registers: registers.map(([at, registerWh]) => ({ at, registerWh: BigInt(registerWh) })),
  };
}
