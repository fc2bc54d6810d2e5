/**
 * How far a meter's clock is off, from what it said and when that was heard; plain JSON.
 *
 * @property offsets the newest differences heard − said, seconds
 */
export type MeterClock = { readonly offsets: readonly number[] };

export const FRESH_CLOCK: MeterClock = { offsets: [] };

/** Differences that the offset is the median of: one late telegram moves nothing. */
const REMEMBERED = 15;
/** Within this a meter's own clock counts as right: it is steadier than the way of a telegram. */
const TOLERANCE_SECONDS = 30;

/**
 * When a sample was taken, unix seconds (docs/meters.md). A meter's own time counts as long as it is at most half a minute off the clock
 * of the computer beside it; beyond, it is moved by the median of the last differences, so that its steps stay its own. A meter
 * without a clock has the time at which it was heard.
 */
export function timeOfSample(
  clock: MeterClock,
  { saidAt, heardAt }: { readonly saidAt: number | null; readonly heardAt: number },
): { readonly clock: MeterClock; readonly at: number; readonly offBySeconds: number } {
  if (saidAt === null) return { clock, at: heardAt, offBySeconds: 0 };
  const offsets = [...clock.offsets, heardAt - saidAt].slice(-REMEMBERED);
  const offset = median(offsets);
  const offBySeconds = Math.abs(offset) <= TOLERANCE_SECONDS ? 0 : offset;
  return { clock: { offsets }, at: saidAt + offBySeconds, offBySeconds };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}
