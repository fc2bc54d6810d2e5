import { largerOf, smallerOf } from "#kernel/units/extremes.ts";
import type { SessionRecord } from "./sessionRecord.ts";

/**
 * What is known of a session that is not settled: not invoiced, and not mended yet.
 *
 * @property startedAt by the station's clock, unix seconds; null where it did not say
 * @property energyWh what its meter rose; null before two readings
 * @property heardAt when the station said something of it last, by our clock, unix seconds
 */
export type RunningSession = {
  readonly stationId: string;
  readonly sessionId: string;
  readonly idToken: string | null;
  readonly startedAt: number | null;
  readonly energyWh: bigint | null;
  readonly heardAt: number;
  readonly hasEnded: boolean;
};

/** Null without a record. */
export function runningSession(records: readonly SessionRecord[]): RunningSession | null {
  const [first] = records;
  if (first === undefined) return null;
  const registers = records.flatMap((record) => record.registers.map(({ registerWh }) => registerWh));
  const [one, ...others] = registers;
  const isMeasured = one !== undefined && others.length > 0;
  return {
    stationId: first.stationId,
    sessionId: first.sessionId,
    idToken: records.find(({ idToken }) => idToken !== null)?.idToken ?? null,
    startedAt: records.find(({ kind }) => kind === "start")?.at ?? null,
    energyWh: isMeasured ? others.reduce(largerOf, one) - others.reduce(smallerOf, one) : null,
    heardAt: Math.max(...records.map(({ receivedAt }) => receivedAt)),
    hasEnded: records.some(({ kind }) => kind === "stop"),
  };
}
