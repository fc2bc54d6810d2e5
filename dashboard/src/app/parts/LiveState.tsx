import { useEffect, useState } from "react";
import { whenTold } from "../api/answer.ts";
import { useLiveness } from "../api/live.tsx";
import { useMarketClock } from "../api/marketClock.ts";
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
  const clock = useMarketClock();
  const { date, time, zone } = useFormats();
  const worldNow = useTicks(whenTold(clock, ({ clockSpeed }) => clockSpeed === 1, false));
  if (!clock.isTold) return "…";
  const now = clock.body.now + Math.max(0, worldNow - clock.toldAt) / 1_000;
  return (
    <span>
      <span className="live-date">{date(now)}, </span>
      {time(now)} {zone(now)}
    </span>
  );
}

/** A market at the world's pace has minutes without an event; a faster one tells its time with its events. */
const TICK_MS = 1_000;

/** This device's clock in milliseconds, anew each second while it ticks; else 0. */
function useTicks(isTicking: boolean): number {
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (!isTicking) return;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [isTicking]);
  return isTicking ? now : 0;
}
