import type { RegisterReading } from "./sessionRecord.ts";

/** What had to be mended for a session. */
export type SessionNote =
  | "duplicates"
  | "sentLate"
  | "clockWrong"
  /** It begins with its first reading. */
  | "startMissing"
  /** It ends with its last reading. */
  | "stopMissing";

/** Half-open, unix seconds. */
export type TimeSpan = { readonly from: number; readonly to: number };

/** A session as it is charged for: what is known and no more. */
export type ChargingSession = {
  readonly stationId: string;
  readonly sessionId: string;
  readonly evseId: number;
  readonly idToken: string;
  /** Unix seconds, by our clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** The newest time at which energy flowed. */
  readonly chargingEndedAt: number;
  /** When the vehicle stood there without charging, and the station did not hold it up. */
  readonly idle: readonly TimeSpan[];
  /** At least two; register and time never fall. */
  readonly readings: readonly RegisterReading[];
  /** The last reading less the first, whole Wh. */
  readonly energyWh: bigint;
  readonly notes: readonly SessionNote[];
};

/** Why what a station said makes no session. */
export type ExceptionReason =
  /** Two different starts, ends, or messages with one number. */
  | "contradiction"
  /** No message says who charged or where. */
  | "driverUnknown"
  /** There are no two readings. */
  | "energyUnknown"
  | "registerFell"
  /** More energy than the station can give in that time. */
  | "energyImplausible"
  /** Every time lies before the week in which a message may come. */
  | "clockUnknown"
  | "endsBeforeStart"
  /** A settled session has some of this energy already. */
  | "registerOverlap";

export type SessionException = {
  readonly stationId: string;
  readonly sessionId: string;
  readonly reason: ExceptionReason;
};
