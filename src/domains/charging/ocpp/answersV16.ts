import type { ChargingState, SessionRecord } from "../sessions/sessionRecord.ts";
import { type AnswerContext, type Answers, requireEvse } from "./answers.ts";
import { V16_STATUS } from "./authorisation.ts";
import { isoTime, unixSeconds } from "./isoTime.ts";
import { RefusedCallError } from "./refusedCall.ts";
import { type MeterValue, registerReadings } from "./registerReadings.ts";

type Boot = { chargePointVendor: string; chargePointModel: string };
type Start = { connectorId: number; idTag: string; meterStart: number; timestamp: string };
type Stop = {
  transactionId: number;
  meterStop: number;
  timestamp: string;
  idTag?: string;
  reason?: string;
  transactionData?: readonly MeterValue[];
};
type Meter = { connectorId: number; transactionId?: number; meterValue: readonly MeterValue[] };
type Status = { connectorId: number; status: string; timestamp?: string };

const STATES: Readonly<Record<string, ChargingState>> = {
  Charging: "charging",
  SuspendedEV: "suspendedByVehicle",
  SuspendedEVSE: "suspendedByStation",
  Finishing: "suspendedByVehicle",
};

/** Answers in OCPP 1.6 (edition 2). What belongs to a session is on the disk before it is answered. */
export const ANSWERS_V16: Answers = {
  BootNotification(context, { chargePointVendor, chargePointModel }: Boot) {
    context.booted({ vendor: chargePointVendor, model: chargePointModel });
    return { status: "Accepted", currentTime: isoTime(context.now()), interval: context.heartbeatSeconds };
  },
  Heartbeat: ({ now }) => ({ currentTime: isoTime(now()) }),
  Authorize: (context, { idTag }: { idTag: string }) => tokenInfo(context, idTag),
  StartTransaction: startSession,
  MeterValues: meterSession,
  StopTransaction: stopSession,
  StatusNotification: noteStatus,
  DataTransfer: () => ({ status: "UnknownVendorId" }),
};

async function tokenInfo({ authorise, station }: AnswerContext, idTag: string) {
  return { idTagInfo: { status: V16_STATUS[await authorise(idTag, station.stationId)] } };
}

/**
 * A start that comes again, since its answer was lost, gets the number that it had: the station cannot know that we have it. The
 * session is recorded whatever is said of the token, for the station may have begun it while it was offline.
 */
async function startSession(context: AnswerContext, { connectorId, idTag, meterStart, timestamp }: Start) {
  requireEvse(context.station, connectorId);
  if (connectorId === 0) throw new RefusedCallError("PropertyConstraintViolation", "0 is the whole station");
  const registerWh = registerOf(meterStart);
  const at = unixSeconds(timestamp);
  const { stationId } = context.station;
  const number = context.sessions.numberOf({
    stationId,
    evseId: connectorId,
    at,
    registerWh,
    idToken: idTag,
  });
  await context.keep({
    ...recordOf(context, { sessionId: String(number), at }),
    kind: "start",
    evseId: connectorId,
    idToken: idTag,
    registers: [{ at, registerWh }],
    state: "charging",
  });
  return { ...(await tokenInfo(context, idTag)), transactionId: number };
}

/** Values without a session's number belong to the one that runs at the charging point; without one they are of no session. */
async function meterSession(context: AnswerContext, { connectorId, transactionId, meterValue }: Meter) {
  const { sessions, station } = context;
  requireEvse(station, connectorId);
  const registers = registerReadings(meterValue);
  const sessionId =
    transactionId === undefined ? sessions.runningAt(station.stationId, connectorId) : String(transactionId);
  if (sessionId !== null && registers.length > 0) {
    const at = Math.max(...registers.map((each) => each.at));
    await context.keep({
      ...recordOf(context, { sessionId, at }),
      kind: "meter",
      evseId: connectorId,
      registers,
    });
  }
  return {};
}

async function stopSession(context: AnswerContext, stop: Stop) {
  const at = unixSeconds(stop.timestamp);
  const registers = registerReadings(stop.transactionData ?? []);
  await context.keep({
    ...recordOf(context, { sessionId: String(stop.transactionId), at }),
    kind: "stop",
    idToken: stop.idTag ?? null,
    registers: [...registers, { at, registerWh: registerOf(stop.meterStop) }],
    reason: stop.reason ?? "Local",
  });
  return stop.idTag === undefined ? {} : tokenInfo(context, stop.idTag);
}

async function noteStatus(context: AnswerContext, { connectorId, status, timestamp }: Status) {
  const { sessions, station, now } = context;
  requireEvse(station, connectorId);
  context.status(connectorId, status);
  const sessionId = sessions.runningAt(station.stationId, connectorId);
  const state = STATES[status];
  if (sessionId !== null && state !== undefined) {
    const at = timestamp === undefined ? now() : unixSeconds(timestamp);
    await context.keep({
      ...recordOf(context, { sessionId, at }),
      kind: "state",
      evseId: connectorId,
      state,
    });
  }
  return {};
}

function registerOf(meterWh: number): bigint {
  if (!Number.isSafeInteger(meterWh) || meterWh < 0)
    throw new RefusedCallError("PropertyConstraintViolation", `${meterWh} Wh is no energy register`);
  return BigInt(meterWh);
}

/** What a record of this version has where nothing is said. */
function recordOf({ station, now }: AnswerContext, { sessionId, at }: { sessionId: string; at: number }) {
  return {
    stationId: station.stationId,
    sessionId,
    at,
    receivedAt: now(),
    evseId: null,
    sequence: null,
    isOffline: null,
    idToken: null,
    registers: [],
    state: null,
    reason: null,
  } satisfies Partial<SessionRecord>;
}
