import type { OcppVersion } from "../ocpp/version.ts";

/** A session as its station knows it. */
export type LocalSession = {
  /** The station's name for it, the session of 2.0.1. */
  readonly name: string;
  /** The number that the central system of 1.6 gave it; null until then. */
  number: number | null;
  sequence: number;
  readonly idToken: string;
};

/** What a station has to say; times by its own clock, unix seconds. */
export type Outgoing = { readonly at: number } & (
  | { readonly kind: "boot" | "heartbeat" }
  | { readonly kind: "status"; readonly status: StationStatus }
  | {
      readonly kind: "start" | "meter" | "stop";
      readonly session: LocalSession;
      readonly sequence: number;
      readonly registerWh: number;
      readonly isOffline: boolean;
      readonly isHeld: boolean;
    }
);

export type StationStatus = "Available" | "Charging" | "SuspendedEV" | "SuspendedEVSE";
type SessionMessage = Outgoing & { kind: "start" | "meter" | "stop" };
type Call = { readonly method: string; readonly parameters: object };

const NAME = { vendor: "Commonwatt", model: "Simulated" };
const MILLIS_PER_SECOND = 1_000;

/** The call that says it, in a version of the protocol. */
export function callOf(message: Outgoing, version: OcppVersion): Call {
  return version === "ocpp1.6" ? callV16(message) : callV201(message);
}

function callV16(message: Outgoing): Call {
  const timestamp = isoTime(message.at);
  switch (message.kind) {
    case "boot": {
      const parameters = { chargePointVendor: NAME.vendor, chargePointModel: NAME.model };
      return { method: "BootNotification", parameters };
    }
    case "heartbeat":
      return { method: "Heartbeat", parameters: {} };
    case "status": {
      const parameters = { connectorId: 1, errorCode: "NoError", status: message.status, timestamp };
      return { method: "StatusNotification", parameters };
    }
    default:
      return sessionCallV16(message, timestamp);
  }
}

function sessionCallV16({ kind, session, registerWh }: SessionMessage, timestamp: string): Call {
  const { idToken, number } = session;
  if (kind === "start") {
    const parameters = { connectorId: 1, idTag: idToken, meterStart: registerWh, timestamp };
    return { method: "StartTransaction", parameters };
  }
  const transactionId = number ?? 0;
  if (kind === "stop") {
    const parameters = { transactionId, meterStop: registerWh, timestamp, idTag: idToken };
    return { method: "StopTransaction", parameters };
  }
  const sampledValue = [{ value: String(registerWh), unit: "Wh" }];
  const parameters = { connectorId: 1, transactionId, meterValue: [{ timestamp, sampledValue }] };
  return { method: "MeterValues", parameters };
}

const STATES = {
  Available: "Available",
  Charging: "Occupied",
  SuspendedEV: "Occupied",
  SuspendedEVSE: "Occupied",
};
const EVENTS = { start: "Started", meter: "Updated", stop: "Ended" };
const TRIGGERS = { start: "Authorized", meter: "MeterValuePeriodic", stop: "StopAuthorized" };

function callV201(message: Outgoing): Call {
  const timestamp = isoTime(message.at);
  switch (message.kind) {
    case "boot": {
      const chargingStation = { vendorName: NAME.vendor, model: NAME.model };
      return { method: "BootNotification", parameters: { chargingStation, reason: "PowerUp" } };
    }
    case "heartbeat":
      return { method: "Heartbeat", parameters: {} };
    case "status": {
      const connectorStatus = STATES[message.status];
      return {
        method: "StatusNotification",
        parameters: { timestamp, connectorStatus, evseId: 1, connectorId: 1 },
      };
    }
    default:
      return sessionCallV201(message, timestamp);
  }
}

function sessionCallV201(message: SessionMessage, timestamp: string): Call {
  const { kind, session, sequence, registerWh, isOffline, isHeld } = message;
  const parameters = {
    eventType: EVENTS[kind],
    triggerReason: TRIGGERS[kind],
    timestamp,
    seqNo: sequence,
    offline: isOffline,
    evse: { id: 1, connectorId: 1 },
    transactionInfo: {
      transactionId: session.name,
      chargingState: isHeld ? "SuspendedEVSE" : "Charging",
    },
    meterValue: [{ timestamp, sampledValue: [{ value: registerWh, unitOfMeasure: { unit: "Wh" } }] }],
    ...(kind === "meter" ? {} : { idToken: { idToken: session.idToken, type: "Central" } }),
  };
  return { method: "TransactionEvent", parameters };
}

function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * MILLIS_PER_SECOND).toISOString();
}
