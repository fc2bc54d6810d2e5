import type { Incidents } from "#platform/runtime/incidents.ts";
import type { ExceptionReason } from "./sessions/chargingSession.ts";
import type { SessionTrouble } from "./stationOperator.ts";

/** Tells the operator of an area which sessions are not charged, or not paid, and why. */
export function reportSession(incidents: Incidents, areaId: number, trouble: SessionTrouble): void {
  incidents.report({
    kind: "sessionTrouble",
    areaId,
    reason: reasonOf(trouble),
    sentence: sentenceOf(trouble),
  });
}

/** One of its own for each session, so that none hides another. */
function reasonOf(trouble: SessionTrouble): string {
  if (trouble.kind === "refused") return `refused ${trouble.stationId} ${trouble.id}`;
  if (trouble.kind === "uncovered") return `uncovered ${trouble.stationId} ${trouble.sessionId}`;
  const { reason, stationId, sessionId } = trouble.exception;
  return `${reason} ${stationId} ${sessionId}`;
}

function sentenceOf(trouble: SessionTrouble): string {
  if (trouble.kind === "refused")
    return `The chain refused a step of session ${trouble.id} at station ${trouble.stationId}: ${trouble.sentence}`;
  if (trouble.kind === "uncovered")
    return `No driver's hold covers session ${trouble.sessionId} at station ${trouble.stationId}, so that nobody pays for it`;
  const { reason, stationId, sessionId } = trouble.exception;
  return `Session ${sessionId} at station ${stationId} is not charged: ${EXCEPTIONS[reason]}`;
}

const EXCEPTIONS: Readonly<Record<ExceptionReason, string>> = {
  contradiction: "the station said two different things of its start, its end or one of its messages",
  driverUnknown: "no message says who charged, or where",
  energyUnknown: "there are no two readings of its meter",
  registerFell: "its meter's register fell",
  energyImplausible: "its meter counted more than the station can give in that time",
  clockUnknown: "all its times lie before the week in which a message may come",
  endsBeforeStart: "it ends before it starts",
  registerOverlap: "some of its energy was charged for with another session",
};
