import { createQueue, type Queue } from "#kernel/units/queue.ts";
import type { SecurityProfile } from "./listener.ts";
import type { PowerLimit } from "./powerProfile.ts";
import { rpcErrorCode } from "./refusedCall.ts";
import type { EnrolledStation } from "./station.ts";
import type { StationAnswer } from "./stationEvent.ts";
import type { OcppVersion } from "./version.ts";

/** The connection of a station. */
export type StationLink = {
  readonly version: OcppVersion;
  readonly profile: SecurityProfile;
  /** Rejects with an error that `rpcErrorCode` names when the station answers with an error, with another error when it does not answer. */
  call(method: string, parameters: object): Promise<unknown>;
  /** Ends the connection at once. */
  drop(): void;
};

/** What the central system knows of a station; changed by it alone. */
export type StationState = {
  readonly station: EnrolledStation;
  link: StationLink | null;
  highestProfile: SecurityProfile;
  /** Unix seconds; null when it never came. */
  lastSeenAt: number | null;
  name: { readonly vendor: string; readonly model: string } | null;
  /** The station's word for each charging point, 0 for itself. */
  readonly statuses: Map<number, string>;
  /** The limits of periods that it took last. */
  limit: PowerLimit | null;
  hasSafeLimit: boolean;
  /** It was told of a limit, did not answer, and nobody knows what stands. */
  isUncertain: boolean;
  /** It did not take a limit, and has taken none since. */
  isTroubled: boolean;
  /** What is done with the station one after the other. */
  readonly inTurn: Queue;
};

/** A station before it came; `highestProfile` is the best security that it had before. */
export function newStationState(station: EnrolledStation, highestProfile: SecurityProfile): StationState {
  return {
    station,
    link: null,
    highestProfile: highestProfile > station.securityProfile ? highestProfile : station.securityProfile,
    lastSeenAt: null,
    name: null,
    statuses: new Map(),
    limit: null,
    hasSafeLimit: false,
    isUncertain: false,
    isTroubled: false,
    inTurn: createQueue(),
  };
}

/** Calls a station and gives its word; whatever goes wrong is an answer too. */
export async function askStation(
  { link }: StationState,
  method: string,
  parametersOf: (version: OcppVersion) => object,
): Promise<StationAnswer> {
  if (link === null) return "notConnected";
  try {
    const { status } = (await link.call(method, parametersOf(link.version))) as { status: StationAnswer };
    return status;
  } catch (error) {
    return rpcErrorCode(error) === null ? "noAnswer" : "error";
  }
}
