import type { z } from "zod";
import type { ReadingRefusal } from "#domains/metering/meterGateway.ts";
import type { DeskRefusal } from "#domains/pool/orderDesk.ts";
import type { AreaView } from "#domains/pool/queries/areas.ts";
import { startsAt } from "#kernel/units/interval.ts";
import type { exceptionWire } from "#platform/api/wireException.ts";
import { accountWords, countWords, intervalWords } from "#platform/api/words.ts";
import type { Incident, IncidentKind } from "#platform/runtime/incidents.ts";
import type { PoolContext } from "./poolContext.ts";

export type Exception = z.infer<typeof exceptionWire>;

/** What an exception is about where nothing is meant. */
export const NO_SUBJECT: Exception["subject"] = {
  areaId: null,
  intervalId: null,
  account: null,
  orderId: null,
  transactionHash: null,
};

/**
 * What the roles refused, and what failed, as exceptions. None of them is urgent by itself, but a station that takes no
 * limit: where money or delivery is at stake after one, an interval stands among the exceptions too. `area` is that of this process, when it is known.
 */
export function exceptionsOfIncidents(context: PoolContext, area: AreaView | undefined): Exception[] {
  const recent = context.incidents.list().filter(({ at }) => at >= context.now() - SHOWN_SECONDS);
  return recent.map((incident) => ({
    kind: incident.kind,
    severity: incident.kind === "stationTrouble" && incident.resolvedAt === null ? "act" : "watch",
    at: incident.at,
    title: TITLES[incident.kind](whoWords(context, incident), incident),
    detail: detailOf(context, incident, area),
    whatToDo: whatToDo(incident),
    subject: subjectOf(incident, area),
  }));
}

/** A week: what is older was seen. */
const SHOWN_SECONDS = 7 * 86_400;

const TITLES: Record<IncidentKind, (who: string, incident: Incident) => string> = {
  refusedOrder: (who) => `The desk refused an order of ${who}`,
  refusedReading: (who) => `The gateway refused a reading of ${who}`,
  failedTransaction: (_who, { reason }) => `A transaction failed: ${reason}`,
  failedInterval: (_who, { intervalId }) => `Interval ${intervalId} has no market`,
  stationTrouble: (_who, { resolvedAt }) =>
    resolvedAt === null
      ? "A charging station does not take its limit"
      : "A charging station takes its limits again",
  sessionTrouble: (_who, { reason }) =>
    SESSION_TITLES[reason.split(" ")[0] ?? ""] ?? "A charging session is not charged",
};

const SESSION_TITLES: Readonly<Partial<Record<string, string>>> = {
  uncovered: "Nobody pays for a charging session",
  refused: "The chain refused a step of a charging session",
};

function whoWords({ accountNames }: PoolContext, { kind, account }: Incident): string {
  if (account !== null) return accountWords(accountNames, account);
  return kind === "refusedReading" ? "an unknown meter" : "somebody who may not trade";
}

function detailOf(context: PoolContext, incident: Incident, area: AreaView | undefined): string {
  const { intervalId, sentence, count, kind } = incident;
  const repeats = count > 1 ? ` (${countWords(count, "time")}, this one the last)` : "";
  if (kind !== "failedInterval" || intervalId === null || area === undefined) return `${sentence}${repeats}.`;
  const start = { intervalId, startsAt: startsAt(intervalId, area.intervalSeconds) };
  return `The energy of ${intervalWords(context, start)} is billed at the tariff: ${sentence}${repeats}.`;
}

function whatToDo({ kind, reason, resolvedAt }: Incident): string {
  switch (kind) {
    case "stationTrouble":
      return resolvedAt === null
        ? "Look at the station: until it answers it is counted with what the sentence says."
        : "Nothing: it is over.";
    case "sessionTrouble":
      return AFTER_SESSION[reason.split(" ")[0] ?? ""] ?? AFTER_EXCEPTION;
    case "refusedOrder":
      return AFTER_ORDER[reason as DeskRefusal] ?? "Tell its sender why.";
    case "refusedReading":
      return AFTER_READING[reason as ReadingRefusal] ?? "Look at the meter.";
    case "failedTransaction":
      return "Nothing, when no interval above is open; otherwise read the reason and start the community again.";
    case "failedInterval":
      return "Read the reason; if it comes again, mend it before the next gate closes.";
  }
}

const AFTER_EXCEPTION =
  "Look at what the station said of it; nothing of it is charged, and what was held for it goes back when the hold ends.";

const AFTER_SESSION: Readonly<Partial<Record<string, string>>> = {
  uncovered: "Find out how the vehicle could charge without a token; the energy is the station's to pay.",
  refused:
    "Read the reason; it is tried again each period. If it stays, the money goes back to the driver when the hold ends.",
};

const AFTER_ORDER: Readonly<Partial<Record<DeskRefusal, string>>> = {
  gateClosed: "Nothing once; if it goes on, the sender's clock or connection is slow.",
  unknownParticipant: "Register the account and its metering point, if they belong to the community.",
  invalidSignature:
    "Ask the owner whether the key has changed; if not, somebody else tries to trade in this name.",
  priceOutsideBand: "Tell the owner the price band of the area.",
  intervalTooFar: "Tell the owner that orders are taken for at most seven days ahead.",
  bothSides: "Nothing: the owner bids or offers in an interval, not both.",
  bookFull: "Find out who fills the book.",
};

const AFTER_READING: Readonly<Partial<Record<ReadingRefusal, string>>> = {
  unknownMeter: "Enrol the metering point, if it belongs to the community.",
  revokedDevice: "Give the metering point a new device key: this one was revoked.",
  wrongPlace: "Compare the meter's account and area with the registry.",
  outOfRange: "Look at the meter: it said an energy that no meter can have counted.",
  invalidSignature: "Look at the meter: what it sends is not signed by its registered key.",
  notOver: "The device's clock is fast: it signed an interval that was not over.",
  duplicateReading: "Nothing: the first reading stands.",
  alreadyPublished: "The meter is late: its reading came after the root was published.",
};

function subjectOf(incident: Incident, area: AreaView | undefined): Exception["subject"] {
  const { intervalId, account, orderId, transactionHash } = incident;
  const areaId = intervalId === null ? null : (area?.areaId ?? null);
  return { areaId, intervalId, account, orderId, transactionHash };
}
