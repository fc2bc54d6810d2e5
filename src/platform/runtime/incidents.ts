import type { Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import type { IntervalId } from "#kernel/units/interval.ts";

export const INCIDENT_KINDS = [
  "refusedOrder",
  "refusedReading",
  "failedTransaction",
  "failedInterval",
  "stationTrouble",
  "sessionTrouble",
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
  readonly areaId: number | null;
  /** Null where none is meant, or where it is not known who acted in its name. */
  readonly account: number | null;
  readonly intervalId: IntervalId | null;
  readonly orderId: Hex | null;
  readonly transactionHash: Hex | null;
  readonly reason: string;
  readonly sentence: string;
  readonly count: number;
  /** Unix seconds at which it was over; null as long as it lasts, and for what is over as it happens. */
  readonly resolvedAt: number | null;
};

/** What a role says of an incident. */
export type IncidentReport = Pick<Incident, "kind" | "reason" | "sentence"> &
  Partial<Pick<Incident, "areaId" | "account" | "intervalId" | "orderId" | "transactionHash">>;

/** What the roles refused lately. */
export type Incidents = {
  report(incident: IncidentReport): void;
  /** What was reported of this is over; nothing where nothing was, or it was said before. */
  resolve(incident: Pick<IncidentReport, "kind" | "reason" | "areaId">): void;
  /** The newest first. */
  list(): readonly Incident[];
};

/** Incidents of earlier starts, the newest first, and who is told to keep those of this one. */
export type KeptIncidents = {
  readonly kept: readonly Incident[];
  changed(list: () => readonly Incident[]): void;
};

/** Of each of the six kinds, so that a flood of one drives out none of the others: 1,500 in all. */
const MAX_OF_A_KIND = 250;

/**
 * A memory of the newest incidents. Refusals of one account for one reason are kept as one that counts them: anyone who sends
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
      incidents.set(key, { ...NOTHING_MEANT, ...reported, at: now(), count, resolvedAt: null });
      const [oldest] = incidents.keys();
      if (incidents.size > MAX_OF_A_KIND && oldest !== undefined) incidents.delete(oldest);
      changed(list);
    },
    resolve(meant) {
      const incidents = incidentsOf(meant.kind);
      const key = repeatKey({ ...meant, sentence: "" });
      const known = incidents.get(key);
      if (known === undefined || known.resolvedAt !== null) return;
      incidents.set(key, { ...known, resolvedAt: now() });
      changed(list);
    },
    list,
  };
}

const IN_MEMORY: KeptIncidents = { kept: [], changed: () => undefined };

const NOTHING_MEANT = {
  areaId: null,
  account: null,
  intervalId: null,
  orderId: null,
  transactionHash: null,
};

/** Equal for what counts as the same again. */
function repeatKey({
  kind,
  areaId = null,
  account = null,
  intervalId,
  transactionHash,
  reason,
}: IncidentReport): string {
  const isRefusal = kind === "refusedOrder" || kind === "refusedReading";
  return JSON.stringify(
    isRefusal ? [areaId, account, reason] : [areaId, intervalId, transactionHash, reason],
  );
}
