import { useState } from "react";
import { useFormats } from "../../app/format/locale.tsx";
import type { OpenInterval } from "./openIntervals.ts";

/** Chooses the delivery interval; the list stands still while one is choosing. */
export function IntervalChoice({
  open,
  soonest,
  chosen,
  problem,
  problemId,
  onChoose,
}: {
  open: readonly OpenInterval[];
  soonest: OpenInterval;
  /** Null for the soonest with time to sign. */
  chosen: OpenInterval | null;
  problem: string | undefined;
  problemId: string;
  onChoose: (intervalId: number | null) => void;
}) {
  const formats = useFormats();
  const [held, setHeld] = useState<readonly OpenInterval[] | null>(null);
  const listed = held ?? open;
  const isListed = chosen === null || listed.some(({ intervalId }) => intervalId === chosen.intervalId);
  const label = ({ startsAt, endsAt, gateClosesAt }: OpenInterval) =>
    `${formats.day(startsAt)}, ${formats.span(startsAt, endsAt)} (gate closes ${formats.time(gateClosesAt)})`;
  return (
    <label className="field">
      <span>Delivery interval ({formats.zone(soonest.startsAt)})</span>
      <select
        value={chosen === null ? "" : String(chosen.intervalId)}
        aria-invalid={problem !== undefined}
        aria-describedby={problemId}
        onFocus={() => setHeld(open)}
        onBlur={() => setHeld(null)}
        onChange={({ target }) => onChoose(target.value === "" ? null : Number(target.value))}
      >
        <option value="">Soonest: {formats.span(soonest.startsAt, soonest.endsAt)}</option>
        {isListed ? null : <option value={String(chosen.intervalId)}>{label(chosen)}</option>}
        {listed.map((interval) => (
          <option key={interval.intervalId} value={String(interval.intervalId)}>
            {label(interval)}
          </option>
        ))}
      </select>
    </label>
  );
}
