import type { ChargingSession, TimeSpan } from "./chargingSession.ts";
import { energyUntil } from "./energyByInterval.ts";

/** What of a session lies in one quarter-hour. */
export type StatementPart = {
  readonly energyWh: number;
  readonly chargingSeconds: number;
  /** Without charging, the time of grace included. */
  readonly idleSeconds: number;
};

/** What a station's module says of a session: its register at both ends, and its parts from the quarter-hour of the start on. */
export type SessionStatement = {
  /** Unix seconds. */
  readonly startedAt: number;
  readonly fromWh: bigint;
  readonly toWh: bigint;
  readonly parts: readonly StatementPart[];
};

const QUARTER_SECONDS = 900;

/**
 * A session as its station's module signs it. Prices change at quarter-hours, so that the parts are enough for any tariff, and the
 * module needs to know none. The parts' energies add up to what the register rose.
 */
export function statementOf(session: ChargingSession): SessionStatement {
  const { startedAt, chargingEndedAt, endedAt, readings, idle } = session;
  const first = Math.floor(startedAt / QUARTER_SECONDS);
  const count = Math.max(1, Math.ceil(endedAt / QUARTER_SECONDS) - first);
  const ends = Array.from({ length: count }, (_, i) => (first + i + 1) * QUARTER_SECONDS);
  // A session that ends with a quarter-hour has its last energy at that bound.
  const energies = energyUntil(readings, ends.with(-1, Number.MAX_SAFE_INTEGER));
  const charging = [{ from: startedAt, to: chargingEndedAt }];
  const fromWh = readings[0]?.registerWh ?? 0n;
  return {
    startedAt,
    fromWh,
    toWh: readings.at(-1)?.registerWh ?? fromWh,
    parts: ends.map((to, i) => {
      const quarter = { from: to - QUARTER_SECONDS, to };
      return {
        energyWh: Number(energies[i] ?? 0n),
        chargingSeconds: secondsWithin(quarter, charging),
        idleSeconds: secondsWithin(quarter, idle),
      };
    }),
  };
}

function secondsWithin({ from, to }: TimeSpan, spans: readonly TimeSpan[]): number {
  return spans.reduce((sum, span) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)), 0);
}
