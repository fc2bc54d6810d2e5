/** What is said of a driver's token. */
export type Authorisation = "accepted" | "blocked" | "expired" | "unknown" | "noCredit";

/** Asks whether a token may charge at a station; anyone who is not known is refused. */
export type Authorise = (idToken: string, stationId: string) => Promise<Authorisation>;

/** `AuthorizationStatus` of OCPP 1.6. */
export const V16_STATUS = {
  accepted: "Accepted",
  blocked: "Blocked",
  expired: "Expired",
  unknown: "Invalid",
  noCredit: "Blocked",
} as const satisfies Record<Authorisation, string>;

/** `AuthorizationStatusEnumType` of OCPP 2.0.1. */
export const V201_STATUS = {
  accepted: "Accepted",
  blocked: "Blocked",
  expired: "Expired",
  unknown: "Unknown",
  noCredit: "NoCredit",
} as const satisfies Record<Authorisation, string>;
