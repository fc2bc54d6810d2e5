import type { z } from "zod";
import type { intervalWire, stage } from "#api/wire.ts";
import "./Stage.css";

type ChainStage = z.infer<typeof stage>;
type Interval = Pick<z.infer<typeof intervalWire>, "status" | "startsAt" | "endsAt" | "readings">;

/** The life of a delivery interval as a person sees it. */
const LIFE = ["collecting orders", "cleared", "delivering", "settled"] as const;

export type LifeStage = (typeof LIFE)[number] | "corrected" | "given back" | "awaiting readings";

/** Where an interval is in its life, at a moment of the market's clock. */
export function lifeStage(interval: Interval, now: number): LifeStage {
  const { status, startsAt, endsAt, readings } = interval;
  if (status === "settled") return readings && readings.version > 1 ? "corrected" : "settled";
  if (status === "voided" || status === "voiding") return "given back";
  if (isBefore(status) && now < startsAt) return "collecting orders";
  if (now >= endsAt) return "awaiting readings";
  if (now >= startsAt) return "delivering";
  return status === "collecting" ? "collecting orders" : "cleared";
}

function isBefore(status: ChainStage): boolean {
  return status === "collecting";
}

/** The stage in words, with how far along it is as dots. */
export function Stage({ interval, now }: { interval: Interval; now: number }) {
  const name = lifeStage(interval, now);
  return (
    <span className={`stage stage-${name.replaceAll(" ", "-")}`}>
      <span className="stage-dots" aria-hidden="true">
        {LIFE.map((step, i) => (
          <span key={step} className={i <= progressOf(name) ? "done" : ""} />
        ))}
      </span>
      {name}
    </span>
  );
}

function progressOf(name: LifeStage): number {
  if (name === "corrected" || name === "given back") return LIFE.length - 1;
  if (name === "awaiting readings") return 2;
  return LIFE.indexOf(name);
}
