import type { RefusedReading } from "#domains/metering/meterGateway.ts";
import type { DeskRefused } from "#domains/pool/orderDesk.ts";
import { sentenceOf } from "#kernel/units/domainError.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import type { SendFailure } from "#platform/chain/sender.ts";
import type { Incidents } from "#platform/runtime/incidents.ts";

/** What the roles of an area call when they refuse something or fail, so that it becomes an incident. */
export function incidentReports({ report }: Pick<Incidents, "report">, areaId: number) {
  return {
    onRefusedOrder({ orderId, account, intervalId, reason, detail }: DeskRefused) {
      // Homes send theirs again after a restart; the order that is there stands, and nobody has to do anything.
      if (reason === "duplicateId") return;
      report({ kind: "refusedOrder", areaId, orderId, account, intervalId, reason, sentence: detail });
    },
    onRefusedReading: ({ account, intervalId, meterId, reason }: RefusedReading) => {
      const sentence = `a reading of meter ${meterId} for interval ${intervalId}: ${reason}`;
      report({ kind: "refusedReading", areaId, account, intervalId, reason, sentence });
    },
    onFailedTransaction({ label, transactionHash, cause }: SendFailure) {
      const sentence = firstLineOf(cause);
      report({ kind: "failedTransaction", areaId, transactionHash, reason: label, sentence });
    },
    onFailedInterval(intervalId: IntervalId, cause: unknown) {
      report({ kind: "failedInterval", areaId, intervalId, reason: "failed", sentence: firstLineOf(cause) });
    },
  };
}

/** The first line: the rest of a node's or library's message is for programmers. */
function firstLineOf(cause: unknown): string {
  const text = sentenceOf(cause);
  return (text.split("\n")[0] ?? "").slice(0, MAX_SENTENCE_LETTERS);
}

const MAX_SENTENCE_LETTERS = 500;
