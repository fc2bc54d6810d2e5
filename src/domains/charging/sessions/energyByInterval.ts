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
  const parts: IntervalEnergy[] = [];
  let before = first.registerWh;
  for (let intervalId = from; intervalId <= to; intervalId++) {
    const end = endsAt(intervalId, lengthSeconds);
    const registerWh = end > last.at ? last.registerWh : registerAt(readings, end);
    parts.push({ intervalId, energyWh: registerWh - before });
    before = registerWh;
  }
  const isEmptyEnd = startsAt(to, lengthSeconds) === last.at && parts.at(-1)?.energyWh === 0n && to > from;
  return isEmptyEnd ? parts.slice(0, -1) : parts;
}

/** What the register showed just before an instant that lies after the first and not after the last reading. */
function registerAt(readings: readonly RegisterReading[], instant: number): bigint {
  const next = readings.findIndex(({ at }) => at >= instant);
  const [a, b] = [readings[next - 1], readings[next]];
  if (a === undefined || b === undefined) return (b ?? a)?.registerWh ?? 0n;
  const elapsed = BigInt(instant - a.at) * (b.registerWh - a.registerWh);
  return a.registerWh + divideRoundingDown(elapsed, BigInt(b.at - a.at));
}
