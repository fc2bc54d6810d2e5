import type { AdmissionRefusal } from "./admitStation.ts";
import type { SecurityProfile } from "./listener.ts";
import type { OcppVersion } from "./version.ts";

/** How a station answered: its word, or that there was none. */
export type StationAnswer =
  | "Accepted"
  | "Rejected"
  | "NotSupported"
  | "NotImplemented"
  | "Scheduled"
  | "Unknown"
  /** It answered with an error, or with what does not fit the schema. */
  | "error"
  | "noAnswer"
  | "notConnected";

/** What the operator of the stations is told of one of them. */
export type StationNews =
  | { readonly kind: "connected"; readonly profile: SecurityProfile; readonly version: OcppVersion }
  | { readonly kind: "disconnected" }
  | { readonly kind: "refusedConnection"; readonly reason: AdmissionRefusal }
  /** From now on the station is refused with less, after a restart as well. */
  | { readonly kind: "securityRaised"; readonly profile: SecurityProfile }
  /** A frame that is no message, or a message that does not fit its schema; it was answered with the protocol's error. */
  | { readonly kind: "malformedMessage"; readonly sentence: string }
  /** A message that could not be dealt with, by our fault or that of the disk; the station sends it again. */
  | { readonly kind: "failedMessage"; readonly method: string; readonly cause: unknown }
  /** A session was settled when this came: it is kept, and changes nothing. */
  | { readonly kind: "recordAfterSettlement"; readonly sessionId: string }
  /** The limit of a period was not taken. */
  | { readonly kind: "limitRefused"; readonly answer: StationAnswer; readonly safeLimitW: number }
  /** Nor was the safe limit, or it is not known what stands: the station is counted with its rating. */
  | { readonly kind: "uncontrolled"; readonly answer: StationAnswer; readonly ratedW: number }
  /** After one of these two: it takes limits again. */
  | { readonly kind: "limitsTaken" };

/** News with the station's name and the time, unix seconds. Of a refused connection the name is what was claimed. */
export type StationEvent = StationNews & { readonly stationId: string; readonly at: number };
