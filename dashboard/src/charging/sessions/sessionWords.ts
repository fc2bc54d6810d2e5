import type { Formats } from "../../app/format/formats.ts";
import type { ChainSession, RecordedSession } from "./sessions.ts";

/** How far a session is, in one sentence. */
export function stageWords(session: ChainSession, formats: Formats): string {
  const { sessionStage, expiresAt, disputableUntil } = session;
  switch (sessionStage) {
    case "held":
      return `money is held for it, until ${formats.dateTime(expiresAt)} at most`;
    case "charged":
      return disputableUntil === null
        ? "charged"
        : `charged; its driver may dispute it until ${formats.dateTime(disputableUntil)}`;
    case "disputed":
      return "disputed: it is paid as far as it is proven";
    case "finished":
      return finishedWords(session);
  }
}

function finishedWords({ amountMicro, paidMicro, provenMicro }: ChainSession): string {
  if (amountMicro === null) return "over without a charge: all that was held is the driver’s again";
  if (provenMicro !== null) return "disputed and proven, paid";
  return paidMicro === "0" ? "disputed and not proven: all of it is the driver’s again" : "paid";
}

/** What its station says meanwhile; null where that is of no use any more. */
export function meanwhileWords({ record, sessionStage }: RecordedSession, formats: Formats): string | null {
  if (record === null) return "the operator’s record of it is not here";
  const { running, invoice } = record;
  if (invoice !== null || sessionStage === "finished") return null;
  if (running === null) return "nobody has plugged in yet";
  const energy =
    running.energyWh === null ? "energy not known yet" : `${formats.energy(running.energyWh)} so far`;
  return running.hasEnded ? `${energy}; over, its invoice is to come` : `${energy}, charging`;
}
