import type { SessionProof } from "#domains/charging/chargingSessions.ts";
import { chainSessionId, sessionCommitment, statementSigner } from "#domains/charging/rules/signedSession.ts";
import type { SessionEvent } from "#domains/charging/sessionEvents.ts";
import {
  StatementImpossibleError,
  statementTotalMicro,
  tariffHash,
} from "#domains/charging/sessions/publishedTariff.ts";
import { smallerOf } from "#kernel/units/extremes.ts";
import { addCount } from "#platform/audit/replay.ts";
import { refuseSession, requireStage, type SessionState, stationKey } from "./sessionState.ts";

/** The session is of this station and an announced tariff, its module signed the statement, and tariff × meter is what was proven. */
export function proveSession(state: SessionState, event: SessionEvent<"sessionProven">): void {
  const session = requireStage(state, event, "disputed");
  const { proof, id, timestamp } = event;
  const refuse = (finding: string): never =>
    refuseSession(event, { rule: "sessionProof", finding, seat: session.payee });
  if (proof === null) {
    const finding = "the proof did not reach the contract directly";
    refuseSession(event, { rule: "hiddenSubmission", finding, seat: session.payee });
  }
  if (timestamp >= session.until) refuse(`the time of the answer was over at ${session.until}`);
  const { salt, stationId, tariff, statement, signature } = proof;
  const hash = tariffHash(tariff);
  const commitment = sessionCommitment({ salt, stationId, tariffHash: hash });
  if (chainSessionId(session.driver, commitment) !== id)
    refuse("the session is not of this station and tariff");
  const announcedAt = state.tariffs.get(stationKey(stationId, hash));
  if (announcedAt === undefined || announcedAt > session.heldAt)
    refuse("the tariff was not announced before the session");
  const signer = statementSigner(statement, { separator: state.separator, stationId, id }, signature);
  if (signer === null || state.modules.get(stationKey(stationId, signer)) !== true)
    refuse(`no module of the station signed the statement, but ${signer}`);
  const totalMicro = totalOf(proof, refuse);
  if (totalMicro !== event.totalMicro)
    refuse(`${event.totalMicro} micro were proven; tariff × meter is ${totalMicro}`);
  session.provenMicro = smallerOf(totalMicro, session.amountMicro);
  addCount(state.counts, "charging.proofs");
}

function totalOf({ tariff, statement }: SessionProof, refuse: (finding: string) => never): bigint {
  try {
    return statementTotalMicro(tariff, statement);
  } catch (error) {
    if (error instanceof StatementImpossibleError) return refuse(error.message);
    throw error;
  }
}
