import type { z } from "zod";
import type { pricesWire } from "#api/wire.ts";
import { useLiveness } from "../api/live.tsx";
import { useGet } from "../api/useGet.ts";
import { useFormats, WithFormats } from "../format/locale.tsx";
import "./LiveState.css";

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The market's clock with its zone; when the server is gone, since when. */
export function LiveState() {
  const { state, since } = useLiveness();
  if (state === "lost")
    return (
      <p className="live live-lost" role="status">
        <span className="dot" aria-hidden="true" />
        No connection since {CLOCK.format(since)}; trying again
      </p>
    );
  return (
    <p className={`live live-${state}`}>
      <span className="dot" aria-hidden="true" />
      <span className="visually-hidden">
        {state === "live" ? "Live, market time" : "Connecting, market time"}
      </span>
      <WithFormats before="…">
        <Clock />
      </WithFormats>
    </p>
  );
}

function Clock() {
  const { data } = useGet<z.infer<typeof pricesWire>>("/v1/prices");
  const { date, time, zone } = useFormats();
  if (!data) return "…";
  return (
    <span>
      <span className="live-date">{date(data.now)}, </span>
      {time(data.now)} {zone(data.now)}
    </span>
  );
}
