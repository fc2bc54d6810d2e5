import { DomainError } from "#kernel/units/domainError.ts";
import {
  clearRequest,
  limitAt,
  limitEndsAt,
  MOST_PERIODS,
  type PowerLimit,
  periodsRequest,
  safeRequest,
} from "./powerProfile.ts";
import type { StationAnswer, StationNews } from "./stationEvent.ts";
import { askStation, type StationState } from "./stationState.ts";

/** What came of a limit: it stands; the safe limit stands instead; nothing stands, and the station may draw its rating. */
export type LimitOutcome = "accepted" | "safe" | "uncontrolled";

type Tell = (news: StationNews) => void;

/**
 * Lays a limit on a station. When the station does not take it, by `Rejected`, an error or silence, the limits of periods are
 * taken away and the safe limit is laid on it; the operator is told, and told again when that was not taken either. A station
 * that is not connected keeps what it has, and falls back to the safe limit by itself when that is over.
 *
 * @throws LimitImpossibleError when the limit has no period, too many, or one that is no power of the station
 */
export async function limitPower(
  state: StationState,
  { limit, tell }: { readonly limit: PowerLimit; readonly tell: Tell },
): Promise<LimitOutcome> {
  const { ratedW, safeLimitW } = state.station;
  requirePossible(limit, ratedW);
  const answer = await askStation(state, "SetChargingProfile", (version) => periodsRequest(limit, version));
  if (answer === "Accepted") {
    state.limit = limit;
    state.isUncertain = false;
    if (state.isTroubled) tell({ kind: "limitsTaken" });
    state.isTroubled = false;
    return "accepted";
  }
  state.isTroubled = true;
  tell({ kind: "limitRefused", answer, safeLimitW });
  if (answer !== "notConnected" && !isCleared(await clearLimit(state))) {
    state.isUncertain = true;
    tell({ kind: "uncontrolled", answer, ratedW });
    return "uncontrolled";
  }
  return (await laySafeLimit(state, tell)) ? "safe" : "uncontrolled";
}

/** Takes the limits of periods away; the safe limit stands again. */
export async function clearLimit(state: StationState): Promise<StationAnswer> {
  const answer = await askStation(state, "ClearChargingProfile", clearRequest);
  if (isCleared(answer)) {
    state.limit = null;
    state.isUncertain = false;
  }
  return answer;
}

/** After a station came (again): the safe limit, and that of periods while it is not over. */
export async function restoreLimits(
  state: StationState,
  { now, tell }: { readonly now: number; readonly tell: Tell },
): Promise<void> {
  await laySafeLimit(state, tell);
  const { limit } = state;
  if (limit !== null && limitEndsAt(limit) > now) await limitPower(state, { limit, tell });
}

/** What a station is to be counted with at a time, W: what it was told and took, and its rating where that is not known. */
export function countedW({ limit, hasSafeLimit, isUncertain, station }: StationState, at: number): number {
  if (isUncertain) return station.ratedW;
  const limitW = limit === null ? null : limitAt(limit, at);
  return limitW ?? (hasSafeLimit ? station.safeLimitW : station.ratedW);
}

/** `Unknown` says that there was none. */
function isCleared(answer: StationAnswer): boolean {
  return answer === "Accepted" || answer === "Unknown";
}

/** A station keeps its safe limit over restarts: one that took it before and does not answer now still has it. */
async function laySafeLimit(state: StationState, tell: Tell): Promise<boolean> {
  const { safeLimitW, ratedW } = state.station;
  const answer = await askStation(state, "SetChargingProfile", (version) => safeRequest(safeLimitW, version));
  if (answer === "Accepted") state.hasSafeLimit = true;
  else if (answer !== "notConnected" && answer !== "noAnswer") state.hasSafeLimit = false;
  if (!state.hasSafeLimit) {
    state.isTroubled = true;
    tell({ kind: "uncontrolled", answer, ratedW });
  }
  return state.hasSafeLimit;
}

function requirePossible({ periods }: PowerLimit, ratedW: number): void {
  const isPossible = ({ seconds, limitW }: PowerLimit["periods"][number]) =>
    Number.isInteger(seconds) && seconds > 0 && Number.isInteger(limitW) && limitW >= 0 && limitW <= ratedW;
  if (periods.length === 0 || periods.length > MOST_PERIODS || !periods.every(isPossible))
    throw new LimitImpossibleError(ratedW);
}

export class LimitImpossibleError extends DomainError {
  readonly code = "limitImpossible";

  constructor(ratedW: number) {
    super(
      `a limit has 1 to ${MOST_PERIODS} periods of whole seconds, each with a whole number of W from 0 to the station's rating, ${ratedW} W`,
    );
  }
}
