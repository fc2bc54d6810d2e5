import type { Incidents } from "#platform/runtime/incidents.ts";
import type { StationEvent } from "./ocpp/stationEvent.ts";
import type { RefusedQuotaOrder } from "./quotaDesk.ts";

const KIND = "stationTrouble";
const REASONS = ["limitRefused", "uncontrolled"] as const;

/** Tells the operator of an area what its desk of quota orders refused; an order that came before stands. */
export function reportRefusedQuotaOrder(
  { report }: Pick<Incidents, "report">,
  areaId: number,
  { orderId, account, reason, detail }: RefusedQuotaOrder,
): void {
  if (reason === "duplicateId") return;
  report({ kind: "refusedOrder", areaId, orderId, account, reason, sentence: detail });
}

/** Tells the operator of an area which stations do not take their limits, and when that is over. */
export function reportStation(incidents: Incidents, areaId: number, event: StationEvent): void {
  const { stationId } = event;
  if (event.kind === "limitsTaken")
    for (const reason of REASONS) incidents.resolve({ kind: KIND, areaId, reason: `${reason} ${stationId}` });
  else if (event.kind === "limitRefused" || event.kind === "uncontrolled")
    incidents.report({
      kind: KIND,
      areaId,
      reason: `${event.kind} ${stationId}`,
      sentence: sentenceOf(event),
    });
}

function sentenceOf(event: StationEvent & { readonly kind: "limitRefused" | "uncontrolled" }): string {
  const { stationId } = event;
  const answered = ANSWERS[event.answer] ?? `answered ${event.answer}`;
  if (event.kind === "uncontrolled")
    return `Station ${stationId} ${answered}, not even its safe limit is known to hold: it counts with its rating, ${event.ratedW} W`;
  return `Station ${stationId} ${answered} when it was told of its quota: its safe limit, ${event.safeLimitW} W, holds instead`;
}

const ANSWERS: Readonly<Partial<Record<string, string>>> = {
  noAnswer: "gave no answer",
  notConnected: "was not connected",
  error: "answered with an error",
};
