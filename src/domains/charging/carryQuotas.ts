import type { CentralSystem } from "./ocpp/centralSystem.ts";
import type { LimitOutcome } from "./ocpp/limitPower.ts";
import type { LimitPeriod } from "./ocpp/powerProfile.ts";

/** What a station won for a period; `quotaW` is null where none was set. */
export type WonQuota = { readonly period: number; readonly quotaW: number | null };

/** What came of the quotas at each station. */
export type Carried = ReadonlyMap<string, LimitOutcome | "cleared">;

/**
 * Carries won quotas to the stations: each is told of the periods that have one, the present one first, as one profile, which ends with
 * the last of them. A station without a quota is told that its limits are over, and falls back to its safe limit. What a station
 * answers is the central system's business, which tells the operator (docs/charging-stations.md). `now` in unix seconds.
 */
export async function carryQuotas(
  central: Pick<CentralSystem, "limitPower" | "clearLimits">,
  {
    quotas,
    ratedW,
    periodSeconds,
    now,
  }: {
    /** By station, for consecutive periods. */
    readonly quotas: ReadonlyMap<string, readonly WonQuota[]>;
    readonly ratedW: (stationId: string) => number;
    readonly periodSeconds: number;
    readonly now: number;
  },
): Promise<Carried> {
  const outcomes = await Promise.all(
    [...quotas].map(async ([stationId, won]) => {
      const limit = limitOf(won, { mostW: ratedW(stationId), periodSeconds, now });
      if (limit !== null) return [stationId, await central.limitPower(stationId, limit)] as const;
      await central.clearLimits(stationId);
      return [stationId, "cleared"] as const;
    }),
  );
  return new Map(outcomes);
}

/** The first run of periods that have a quota and are not over; null where there is none. */
function limitOf(
  won: readonly WonQuota[],
  { mostW, periodSeconds, now }: { mostW: number; periodSeconds: number; now: number },
) {
  const coming = won.filter(({ period }) => (period + 1) * periodSeconds > now);
  const first = coming.findIndex(({ quotaW }) => quotaW !== null);
  const [start] = first < 0 ? [] : coming.slice(first);
  if (start === undefined) return null;
  const periods: LimitPeriod[] = [];
  for (const { quotaW } of coming.slice(first)) {
    if (quotaW === null) break;
    periods.push({ seconds: periodSeconds, limitW: Math.min(quotaW, mostW) });
  }
  return { from: start.period * periodSeconds, periods };
}
