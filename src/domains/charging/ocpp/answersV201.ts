import type { ChargingState, SessionRecord } from "../sessions/sessionRecord.ts";
import { type AnswerContext, type Answers, requireEvse } from "./answers.ts";
import { V201_STATUS } from "./authorisation.ts";
import { isoTime, unixSeconds } from "./isoTime.ts";
import { type MeterValue, registerReadings } from "./registerReadings.ts";

type Boot = { chargingStation: { vendorName: string; model: string } };
type IdToken = { idToken: string };
type TransactionEvent = {
  eventType: "Started" | "Updated" | "Ended";
  timestamp: string;
  seqNo: number;
  offline?: boolean;
  transactionInfo: { transactionId: string; chargingState?: string; stoppedReason?: string };
  evse?: { id: number };
  idToken?: IdToken;
  meterValue?: readonly MeterValue[];
};
type Status = { evseId: number; connectorStatus: string };
type Meter = { evseId: number; meterValue: readonly MeterValue[] };

const KINDS = { Started: "start", Updated: "meter", Ended: "stop" } as const;
const STATES: Readonly<Record<string, ChargingState>> = {
  Charging: "charging",
  SuspendedEV: "suspendedByVehicle",
  EVConnected: "suspendedByVehicle",
  SuspendedEVSE: "suspendedByStation",
};

/** Answers in OCPP 2.0.1 (edition 3). What belongs to a session is on the disk before it is answered. */
export const ANSWERS_V201: Answers = {
  BootNotification(context, { chargingStation: { vendorName, model } }: Boot) {
    context.booted({ vendor: vendorName, model });
    return { status: "Accepted", currentTime: isoTime(context.now()), interval: context.heartbeatSeconds };
  },
  Heartbeat: ({ now }) => ({ currentTime: isoTime(now()) }),
  Authorize: (context, { idToken }: { idToken: IdToken }) => tokenInfo(context, idToken),
  TransactionEvent: noteEvent,
  StatusNotification({ station, status }, { evseId, connectorStatus }: Status) {
    requireEvse(station, evseId);
    status(evseId, connectorStatus);
    return {};
  },
  // Values outside of a session: those of one come with its events.
  MeterValues({ station }, { evseId, meterValue }: Meter) {
    requireEvse(station, evseId);
    registerReadings(meterValue);
    return {};
  },
  DataTransfer: () => ({ status: "UnknownVendorId" }),
};

async function tokenInfo({ authorise, station }: AnswerContext, { idToken }: IdToken) {
  return { idTokenInfo: { status: V201_STATUS[await authorise(idToken, station.stationId)] } };
}

async function noteEvent(context: AnswerContext, event: TransactionEvent) {
  const { station, keep } = context;
  if (event.evse !== undefined) requireEvse(station, event.evse.id);
  await keep(recordOf(context, event));
  return event.idToken === undefined ? {} : tokenInfo(context, event.idToken);
}

function recordOf({ station, now }: AnswerContext, event: TransactionEvent): SessionRecord {
  const { transactionId, chargingState = "", stoppedReason } = event.transactionInfo;
  const kind = KINDS[event.eventType];
  return {
    stationId: station.stationId,
    sessionId: transactionId,
    kind,
    evseId: event.evse?.id ?? null,
    sequence: event.seqNo,
    at: unixSeconds(event.timestamp),
    receivedAt: now(),
    isOffline: event.offline ?? null,
    idToken: event.idToken?.idToken ?? null,
    registers: registerReadings(event.meterValue ?? []),
    state: STATES[chargingState] ?? null,
    reason: kind === "stop" ? (stoppedReason ?? "Local") : null,
  };
}
