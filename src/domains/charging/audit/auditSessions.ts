import { areaOfSeat, memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { chainSessionId, holdSigner } from "#domains/charging/rules/signedSession.ts";
import { isSessionEvent, type SessionEvent } from "#domains/charging/sessionEvents.ts";
import type { MarketAudit } from "#domains/metering/audit/marketAudit.ts";
import { addCount, type Replay } from "#platform/audit/replay.ts";
import { proveSession } from "./auditSessionProof.ts";
import { announceTariff, registerStation, revokeModule } from "./auditStations.ts";
import {
  createSessionState,
  refuseSession,
  requireActor,
  requireSessionMoved,
  requireStage,
  SESSIONS_CONTRACT,
  type SessionState,
} from "./sessionState.ts";

const SECONDS_PER_DAY = 86_400;
export const MOST_HOLD_SECONDS = 14 * SECONDS_PER_DAY;
export const DISPUTE_SECONDS = 3 * SECONDS_PER_DAY;
export const ANSWER_SECONDS = 2 * SECONDS_PER_DAY;

/**
 * Replays charging sessions: stations, holds, charges, disputes, proofs, and where the money went. Deployments of before have none,
 * and nothing to replay.
 */
export function replaySessions(audit: MarketAudit): Replay {
  if (!audit.deployment.contracts[SESSIONS_CONTRACT]) return { apply() {} };
  const state = createSessionState(audit);
  let last: SessionEvent | null = null;
  return {
    apply(event) {
      if (!isSessionEvent(event)) return;
      last = event;
      applyEvent(state, event);
    },
    closeTransaction() {
      const { held, released } = state.unexplained;
      if (held + released === 0n || last === null) return;
      const finding = `${held + released} micro moved that are of no session`;
      refuseSession(last, { rule: "sessionMoney", finding });
    },
    finish: () => addCount(state.counts, "charging.openSessions", state.open.size),
  };
}

function applyEvent(state: SessionState, event: SessionEvent): void {
  switch (event.kind) {
    case "stationRegistered":
      registerStation(state, event);
      break;
    case "moduleRevoked":
      revokeModule(state, event);
      break;
    case "tariffAnnounced":
      announceTariff(state, event);
      break;
    case "walletHeld":
      holdWallet(state, event);
      break;
    case "sessionCharged":
      chargeSession(state, event);
      break;
    case "sessionDisputed":
      disputeSession(state, event);
      break;
    case "sessionProven":
      proveSession(state, event);
      break;
    case "sessionFinished":
      finishSession(state, event);
      break;
  }
}

/** The driver, or who signs for it, signed for this limit, this payee and this session, once. */
function holdWallet(state: SessionState, event: SessionEvent<"walletHeld">): void {
  const { id, driver, payee, session, limitMicro, expiresAt, signature, timestamp } = event;
  const refuse = (finding: string): never =>
    refuseSession(event, { rule: "sessionHold", finding, seat: driver });
  const isNew = !state.open.has(id) && !state.finished.has(id);
  if (!isNew || id !== chainSessionId(driver, session)) refuse(`the session ${id} is not a new one`);
  if (limitMicro === 0n || expiresAt <= timestamp || expiresAt > timestamp + MOST_HOLD_SECONDS)
    refuse(`${limitMicro} micro until ${expiresAt} cannot be held for`);
  if (signature === null) {
    const finding = "the hold did not reach the contract directly";
    refuseSession(event, { rule: "hiddenSubmission", finding, seat: driver });
  }
  const place = { areaId: areaOfSeat(driver), member: memberOfSeat(driver) };
  const account = state.areas.memberOf(place)?.account ?? 0;
  const signer = state.registry.signerAt(account, timestamp);
  const hold = { driver, payee, limitMicro, expiresAt, session };
  if (signer === null || holdSigner(hold, state.separator, signature) !== signer)
    refuse(`the hold is not signed by ${signer}`);
  requireSessionMoved(state, event, { direction: "held", micro: limitMicro });
  state.money.reserve(event, new Map([[driver, limitMicro]]));
  const amounts = { amountMicro: limitMicro, until: expiresAt, provenMicro: null };
  state.open.set(id, { driver, payee, heldAt: timestamp, stage: "held", ...amounts });
  addCount(state.counts, "charging.holds");
}

/** In time, by the payee, and never more than the hold; the rest is released. */
function chargeSession(state: SessionState, event: SessionEvent<"sessionCharged">): void {
  const session = requireStage(state, event, "held");
  const { amountMicro, timestamp, disputableUntil } = event;
  requireActor(state, event, session.payee);
  const isRight = timestamp < session.until && amountMicro <= session.amountMicro;
  if (!isRight || disputableUntil !== timestamp + DISPUTE_SECONDS) {
    const finding = `${amountMicro} micro may not be charged of ${session.amountMicro} held until ${session.until}`;
    refuseSession(event, { rule: "sessionCharge", finding, seat: session.payee });
  }
  const restMicro = session.amountMicro - amountMicro;
  requireSessionMoved(state, event, { direction: "released", micro: restMicro });
  state.money.pay(new Map([[session.driver, restMicro]]));
  Object.assign(session, { stage: "charged", amountMicro, until: disputableUntil });
  addCount(state.counts, "charging.sessions");
}

function disputeSession(state: SessionState, event: SessionEvent<"sessionDisputed">): void {
  const session = requireStage(state, event, "charged");
  requireActor(state, event, session.driver);
  const { timestamp, answerableUntil } = event;
  if (timestamp >= session.until || answerableUntil !== timestamp + ANSWER_SECONDS) {
    const finding = `the session ${event.id} could be disputed until ${session.until}`;
    refuseSession(event, { rule: "sessionDispute", finding, seat: session.driver });
  }
  Object.assign(session, { stage: "disputed", until: answerableUntil });
}

/** What was proven is paid; what nobody disputed in its time is; all else returns, and nothing before its time. */
function finishSession(state: SessionState, event: SessionEvent<"sessionFinished">): void {
  const { id, paidMicro, returnedMicro, timestamp } = event;
  const session = state.open.get(id);
  const isOver = session && (session.provenMicro !== null || timestamp >= session.until);
  if (!isOver) {
    const finding = `the session ${id} ends before its time`;
    refuseSession(event, { rule: "sessionEnd", finding });
  }
  const unproven = session.stage === "charged" ? session.amountMicro : 0n;
  const owed = session.provenMicro ?? unproven;
  if (paidMicro !== owed || paidMicro + returnedMicro !== session.amountMicro) {
    const finding = `${paidMicro} micro were paid and ${returnedMicro} returned of ${session.amountMicro}; ${owed} are owed`;
    refuseSession(event, { rule: "sessionEnd", finding, seat: session.driver });
  }
  requireSessionMoved(state, event, { direction: "released", micro: session.amountMicro });
  state.money.pay(new Map([[session.payee, paidMicro]]));
  state.money.pay(new Map([[session.driver, returnedMicro]]));
  state.open.delete(id);
  state.finished.add(id);
}
