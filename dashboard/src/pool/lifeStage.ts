import type { z } from "zod";
import { isPaid } from "#domains/pool/rules/stage.ts";
import type { intervalWire } from "#domains/pool/wire.ts";

type Interval = Pick<z.infer<typeof intervalWire>, "status" | "startsAt" | "endsAt" | "readings">;

/** The life of a delivery interval as a person sees it. */
export const LIFE = ["collecting orders", "cleared", "delivering", "settled"] as const;

export type LifeStage = (typeof LIFE)[number] | "corrected" | "given back" | "awaiting readings";

/**
 * Where an interval is in its life, at a moment of the market's clock. One in which nothing was traded has nothing to pay;
 * for a person it is delivered and read as any other.
 */
export function lifeStage({ status, startsAt, endsAt, readings }: Interval, now: number): LifeStage {
  if (status === "returned" || status === "returning") return "given back";
  if (isPaid(status) && readings) return readings.version > 1 ? "corrected" : "settled";
  if (status === "collecting" && now < startsAt) return "collecting orders";
  if (now >= endsAt) return "awaiting readings";
  return now >= startsAt ? "delivering" : "cleared";
}
