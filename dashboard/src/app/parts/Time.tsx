import { useFormats } from "../format/locale.tsx";

type Form = "time" | "date" | "day" | "dateTime" | "withZone";

/** A moment in the area's zone; zone and seconds on pointing. */
export function Time({ at, form = "dateTime" }: { at: number; form?: Form }) {
  const formats = useFormats();
  return (
    <time dateTime={isoTime(at)} title={`${formats.withZone(at)} (second ${at})`}>
      {formats[form](at)}
    </time>
  );
}

function isoTime(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1_000);
  return Number.isNaN(date.getTime()) ? String(unixSeconds) : date.toISOString();
}
