import { endsAt, type IntervalId, intervalAt, startsAt } from "#kernel/units/interval.ts";
import { divideRoundingDown } from "#kernel/units/rounding.ts";
import type { RegisterReading } from "./sessionRecord.ts";

export type IntervalEnergy = { readonly intervalId: IntervalId; readonly energyWh: bigint };

/**
 * Parts the energy between the first and the last reading into intervals, whole Wh: in between, the register rises evenly, and what
 * it shows at an interval's bound is rounded down, so that the parts add up to the whole exactly. Energy at one instant belongs to
 * the interval that begins or lies there. Readings rise in time and register; at most so many intervals as a session has.
 */
export function energyByInterval(
  readings: readonly RegisterReading[],
  lengthSeconds: number,
): IntervalEnergy[] {
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined) return [];
  const [from, to] = [intervalAt(first.at, lengthSeconds), intervalAt(last.at, lengthSeconds)];
  const bounds = Array.from({ length: to - from + 1 }, (_, i) => endsAt(from + i, lengthSeconds));
  const parts = energyUntil(readings, bounds).map((energyWh, i) => ({ intervalId: from + i, energyWh }));
  const isEmptyEnd = startsAt(to, lengthSeconds) === last.at && parts.at(-1)?.energyWh === 0n && to > from;
  return isEmptyEnd ? parts.slice(0, -1) : parts;
}

/** The energy up to each of rising instants since the one before, whole Wh; after the last reading nothing flows. */
export function energyUntil(readings: readonly RegisterReading[], instants: readonly number[]): bigint[] {
  const lastAt = readings.at(-1)?.at ?? 0;
  const lastWh = readings.at(-1)?.registerWh ?? 0n;
  let before = readings[0]?.registerWh ?? 0n;
  return instants.map((instant) => {
    const registerWh = instant > lastAt ? lastWh : registerAt(readings, instant);
    const energyWh = registerWh - before;
    before = registerWh;
    return energyWh;
  });
}

/** What the register showed just before an instant that does not lie after the last reading. */
function registerAt(readings: readonly RegisterReading[], instant: number): bigint {
  const next = readings.findIndex(({ at }) => at >= instant);
  const [a, b] = [readings[next - 1], readings[next]];
  if (a === undefined || b === undefined) return (b ?? a)?.registerWh ?? 0n;
  const elapsed = BigInt(instant - a.at) * (b.registerWh - a.registerWh);
  return a.registerWh + divideRoundingDown(elapsed, BigInt(b.at - a.at));
}
