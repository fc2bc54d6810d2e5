import type { LocalClock } from "#kernel/units/localClock.ts";
import { localDay } from "#kernel/units/localDay.ts";
import { localIsoText } from "#platform/api/localTime.ts";

/** The seconds at which the days or months of a span begin on a wall clock, the first cut by the span. */
export function startsIn(
  { from, to }: { readonly from: number; readonly to: number },
  { clock, by }: { readonly clock: LocalClock; readonly by: "day" | "month" },
): number[] {
  const starts: number[] = [];
  let month = "";
  for (let at = from; at < to; at = localDay(clock, at).to) {
    const next = localIsoText(at, clock).slice(0, "YYYY-MM".length);
    if (by === "day" || next !== month) starts.push(at);
    month = next;
  }
  return starts;
}
