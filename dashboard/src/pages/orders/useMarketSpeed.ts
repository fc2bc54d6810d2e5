import { useEffect, useRef, useState } from "react";

/** Real seconds that a measurement takes at least: a refresh is a second late or early. */
const LEAST_SECONDS = 3;

/** Market seconds in a second of this device, as seen since the page was opened; null until it can be told. */
export function useMarketSpeed(now: number): number | null {
  const first = useRef<{ now: number; at: number } | null>(null);
  const [speed, setSpeed] = useState<number | null>(null);
  useEffect(() => {
    const at = Date.now() / 1_000;
    first.current ??= { now, at };
    const seconds = at - first.current.at;
    if (seconds >= LEAST_SECONDS) setSpeed((now - first.current.now) / seconds);
  }, [now]);
  return speed;
}
