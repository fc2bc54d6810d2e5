import type { Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import type { SendFailure } from "#platform/chain/sender.ts";

export const INCIDENT_KINDS = [
  "refusedOrder",
  "refusedReading",
  "failedTransaction",
  "failedInterval",
] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/**
 * Something that a role refused or that failed: the newest of `count` alike. `reason` is a word for programs where there
 * is one, `sentence` says it for people.
 */
export type Incident = {
  readonly kind: IncidentKind;
  /** Unix seconds by the market's clock. */
  readonly at: number;
  /** Null where none is meant, or where it is not known who acted in its name. */
  readonly account: number | null;
  readonly intervalId: IntervalId | null;
  readonly orderId: Hex | null;
  readonly transactionHash: Hex | null;
  readonly reason: string;
  readonly sentence: string;
  readonly count: number;
};

/** What a role says of an incident. */
export type IncidentReport = Pick<Incident, "kind" | "reason" | "sentence"> &
  Partial<Pick<Incident, "account" | "intervalId" | "orderId" | "transactionHash">>;

/** What the roles refused lately. */
export type Incidents = {
  report(incident: IncidentReport): void;
  /** The newest first. */
  list(): readonly Incident[];
};

/** Incidents of earlier starts, the newest first, and who is told to keep those of this one. */
export type KeptIncidents = {
  readonly kept: readonly Incident[];
  changed(list: () => readonly Incident[]): void;
};

/** Of each of the four kinds, so that a flood of one drives out none of the others: 1,000 in all. */
const MAX_OF_A_KIND = 250;

/**
 * A memory of the newest incidents. Refusals of one account for one reason are kept as one that counts them: whoever sends
 * the same wrong order again and again fills no memory. `now` is the market's clock, unix seconds.
 */
export function createIncidents(now: () => number, { kept, changed }: KeptIncidents = IN_MEMORY): Incidents {
  const kinds = new Map<IncidentKind, Map<string, Incident>>(INCIDENT_KINDS.map((kind) => [kind, new Map()]));
  const incidentsOf = (kind: IncidentKind) => present(kinds.get(kind), `incidents of kind ${kind}`);
  const list = () => {
    const all = [...kinds.values()].flatMap((incidents) => [...incidents.values()].reverse());
    return all.sort((a, b) => b.at - a.at);
  };
  for (const incident of kept.toReversed()) incidentsOf(incident.kind).set(repeatKey(incident), incident);
  return {
    report(reported) {
      const incidents = incidentsOf(reported.kind);
      const key = repeatKey(reported);
      const count = 1 + (incidents.get(key)?.count ?? 0);
      incidents.delete(key);
      incidents.set(key, { ...NOTHING_MEANT, ...reported, at: now(), count });
      const [oldest] = incidents.keys();
      if (incidents.size > MAX_OF_A_KIND && oldest !== undefined) incidents.delete(oldest);
      changed(list);
    },
    list,
  };
}

const IN_MEMORY: KeptIncidents = { kept: [], changed: () => undefined };

/** An order that a desk refused. */
type RefusedOrder = {
  readonly orderId: Hex;
  readonly account: number | null;
  readonly intervalId: IntervalId;
  readonly reason: string;
  readonly detail: string;
};

/** A reading that a gateway refused. */
type RefusedReading = {
  readonly account: number | null;
  readonly intervalId: IntervalId;
  readonly meterId: string;
  readonly reason: string;
};

/** What the roles call when they refuse something or fail, so that it becomes an incident. */
export function incidentReports({ report }: Pick<Incidents, "report">) {
  return {
    onRefusedOrder({ orderId, account, intervalId, reason, detail }: RefusedOrder) {
      // Homes send theirs again after a restart; the order that is there stands, and nobody has to do anything.
      if (reason === "duplicateId") return;
      report({ kind: "refusedOrder", orderId, account, intervalId, reason, sentence: detail });
    },
    onRefusedReading: ({ account, intervalId, meterId, reason }: RefusedReading) => {
      const sentence = `a reading of meter ${meterId} for interval ${intervalId}: ${reason}`;
      report({ kind: "refusedReading", account, intervalId, reason, sentence });
    },
    onFailedTransaction({ label, transactionHash, cause }: SendFailure) {
      report({ kind: "failedTransaction", transactionHash, reason: label, sentence: sentenceOf(cause) });
    },
    onFailedInterval(intervalId: IntervalId, cause: unknown) {
      report({ kind: "failedInterval", intervalId, reason: "failed", sentence: sentenceOf(cause) });
    },
  };
}

const NOTHING_MEANT = { account: null, intervalId: null, orderId: null, transactionHash: null };

/** Equal for what counts as the same again. */
function repeatKey({ kind, account = null, intervalId, transactionHash, reason }: IncidentReport): string {
  const isRefusal = kind === "refusedOrder" || kind === "refusedReading";
  return JSON.stringify(isRefusal ? [account, reason] : [intervalId, transactionHash, reason]);
}

/** The first line: the rest of a node's or library's message is for programmers. */
function sentenceOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return (text.split("\n")[0] ?? "").slice(0, MAX_SENTENCE_LETTERS);
}

const MAX_SENTENCE_LETTERS = 500;
