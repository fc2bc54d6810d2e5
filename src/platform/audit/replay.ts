import type { ChainEvent, Deployment } from "#platform/chain/contractSpec.ts";

/** How much an audit has verified, by what was verified: "pool.clearings". */
export type Counts = Record<string, number>;

/** What each count of a domain is, for people: its name, and how it is verified. */
export type CountWords = Readonly<Record<string, { readonly name: string; readonly how: string }>>;

/** One more of what was verified, or `amount` more. */
export function addCount(counts: Counts, name: string, amount = 1): void {
  counts[name] = (counts[name] ?? 0) + amount;
}

/** What the replay of every domain works with. */
export type AuditBase = { readonly deployment: Deployment; readonly counts: Counts };

/** An interval of an area, in which energy is measured. */
export type IntervalPlace = { readonly areaId: number; readonly intervalId: number };

/** Where a history ends. */
export type HistoryEnd = { readonly block: number };

/**
 * A domain's rules while a history is replayed, event by event, in the order of the chain. Every function throws
 * DiscrepancyFound.
 */
export type Replay = {
  apply(event: ChainEvent): Promise<void> | void;
  /** After the last event of a transaction. */
  closeTransaction?(): void;
  /** After the last event. A market comes before what it moves: replays finish in the reverse order of the list. */
  finish?(end: HistoryEnd): Promise<void> | void;
  /** What could not be verified, in sentences. */
  notes?(): readonly string[];
  /** Intervals that it still keeps something large of, by a key: those that are not settled, so that they stay few. */
  retained?(): readonly string[];
  /** Members whose readings of an interval a settlement of this domain opens: the readings' tree sets them apart. */
  positionedIn?(place: IntervalPlace): ReadonlySet<number>;
  /** Whether something of an interval is still to be settled or given back; without, whether somebody has a position. */
  isOpen?(place: IntervalPlace): boolean;
};

/** All replays as one. */
export function replayAll(replays: readonly Replay[]) {
  let transaction: string | null = null;
  const closeTransaction = () => {
    for (const replay of replays) replay.closeTransaction?.();
  };
  return {
    async apply(event: ChainEvent): Promise<void> {
      if (event.transactionHash !== transaction) closeTransaction();
      transaction = event.transactionHash;
      for (const replay of replays) await replay.apply(event);
    },
    closeTransaction,
    async finish(end: HistoryEnd): Promise<void> {
      closeTransaction();
      for (const replay of [...replays].reverse()) await replay.finish?.(end);
    },
    notes: (): string[] => replays.flatMap((replay) => replay.notes?.() ?? []),
  };
}
