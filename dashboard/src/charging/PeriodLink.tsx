import { Link } from "@tanstack/react-router";
import { useFormats } from "../app/format/locale.tsx";

/** A period by the day and the time of its delivery. */
export function PeriodLink({
  areaId,
  period: { period, startsAt, endsAt },
}: {
  areaId: number;
  period: { readonly period: number; readonly startsAt: number; readonly endsAt: number };
}) {
  const formats = useFormats();
  return (
    <Link
      to="/charging/$areaId/$period"
      params={{ areaId: String(areaId), period: String(period) }}
      title={`period ${period}`}
    >
      {formats.day(startsAt)}, {formats.span(startsAt, endsAt)}
    </Link>
  );
}
