/** The meter's register of a charging point at a time of the station's clock. */
export type RegisterReading = {
  /** Unix seconds. */
  readonly at: number;
  /** Energy out of the station into vehicles since the meter was fitted, whole Wh, rounded down. */
  readonly registerWh: bigint;
};

/** Who holds the charging up, if somebody does. */
export type ChargingState = "charging" | "suspendedByVehicle" | "suspendedByStation";

/**
 * What a station said of one charging session in one message, whatever its protocol. Times are those of the station's clock,
 * but for `receivedAt`; nothing is mended yet (`reconcileSession`).
 */
export type SessionRecord = {
  readonly stationId: string;
  /** The number that we gave (OCPP 1.6), or the name that the station gave (2.0.1). */
  readonly sessionId: string;
  readonly kind: "start" | "meter" | "state" | "stop";
  /** Null where the station does not say it, as at the end of a session in OCPP 1.6. */
  readonly evseId: number | null;
  /** The station's count of messages of the session; null in OCPP 1.6. */
  readonly sequence: number | null;
  /** Unix seconds. */
  readonly at: number;
  /** Unix seconds by our clock. */
  readonly receivedAt: number;
  /** Whether the station says that it was offline then; null where it does not say. */
  readonly isOffline: boolean | null;
  readonly idToken: string | null;
  readonly registers: readonly RegisterReading[];
  /** Null where the message does not say. */
  readonly state: ChargingState | null;
  /** Why the session ended, in the station's word. */
  readonly reason: string | null;
};
