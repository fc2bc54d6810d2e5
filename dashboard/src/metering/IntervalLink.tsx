import { Link } from "@tanstack/react-router";
import { useFormats } from "../app/format/locale.tsx";
import { useDay } from "../app/format/useDay.ts";
import { useArea } from "./areas.ts";

/**
 * A delivery interval by its day and time, leading to its page; by its number until the area's rules are known, and in an area
 * without a market of intervals, which has no such page.
 */
export function IntervalLink({ areaId, intervalId }: { areaId: number; intervalId: number }) {
  const formats = useFormats();
  const day = useDay();
  const seconds = useArea(areaId)?.terms.intervalSeconds;
  if (seconds === undefined) return `interval ${intervalId}`;
  const startsAt = intervalId * seconds;
  return (
    <Link
      to="/intervals/$areaId/$intervalId"
      params={{ areaId: String(areaId), intervalId: String(intervalId) }}
      title={`Interval ${intervalId} of area ${areaId}`}
    >
      {day(startsAt)}, <span className="nowrap">{formats.span(startsAt, startsAt + seconds)}</span>
    </Link>
  );
}
