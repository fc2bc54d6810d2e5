import type { Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import { toJson } from "./factsJson.ts";
import { insertAll } from "./insertAll.ts";
import type { Queryable } from "./openStore.ts";
import type { IntervalPlace } from "./projection.ts";
import { blocks, events, intervalTransactions, transactions } from "./schema.ts";

const PLACE_FIELDS: ReadonlySet<string> = new Set([
  "contract",
  "kind",
  "block",
  "blockHash",
  "timestamp",
  "logIndex",
  "transactionHash",
  "transactionIndex",
  "sender",
  "gasUsed",
  "purpose",
  "submission",
]);

/** Writes down the blocks of the events, their transactions and the events themselves, as they came (R5.46, R6.3). */
export async function logEvents(tx: Queryable, list: readonly ChainEvent[]): Promise<void> {
  const heads = new Map(list.map((event) => [event.block, event]));
  await insertAll(
    tx,
    blocks,
    [...heads].map(([number, { blockHash: hash, timestamp }]) => ({ number, hash, timestamp })),
  );
  const byHash = eventsByTransaction(list);
  await insertAll(tx, transactions, [...byHash.values()].flatMap(transactionOf));
  await insertAll(tx, intervalTransactions, [...byHash.values()].flatMap(intervalsOf));
  await insertAll(
    tx,
    events,
    list.map((event) => ({
      block: event.block,
      logIndex: event.logIndex,
      kind: event.kind,
      timestamp: event.timestamp,
      transactionHash: event.transactionHash,
      ...subjectOf(event),
      facts: toJson(factsOf(event)),
    })),
  );
}

/** What an event is about, as far as it says. */
function subjectOf(event: ChainEvent): {
  areaId: number | null;
  intervalId: number | null;
  account: number | null;
} {
  return {
    areaId: numberIn(event, "areaId"),
    intervalId: numberIn(event, "intervalId"),
    account: numberIn(event, "account"),
  };
}

function numberIn(event: object, name: string): number | null {
  const value = (event as Readonly<Record<string, unknown>>)[name];
  return typeof value === "number" ? value : null;
}

/** The facts of an event without its place and without the bulk that was submitted. */
function factsOf(event: ChainEvent): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).filter(([name]) => !PLACE_FIELDS.has(name)));
}

function eventsByTransaction(list: readonly ChainEvent[]): ReadonlyMap<Hex, readonly ChainEvent[]> {
  const byHash = new Map<Hex, ChainEvent[]>();
  for (const event of list) {
    const own = byHash.get(event.transactionHash);
    if (own) own.push(event);
    else byHash.set(event.transactionHash, [event]);
  }
  return byHash;
}

function transactionOf(own: readonly ChainEvent[]) {
  const [subject] = placesOf(own);
  return own.slice(0, 1).map((event) => ({
    hash: event.transactionHash,
    block: event.block,
    place: event.transactionIndex,
    sender: event.sender,
    purpose: event.purpose,
    gasUsed: event.gasUsed,
    areaId: subject?.areaId ?? null,
    intervalId: subject?.intervalId ?? null,
  }));
}

/** The intervals that the events of one transaction are about, with their parts of its gas. */
function intervalsOf(own: readonly ChainEvent[]) {
  const places = placesOf(own);
  return own.slice(0, 1).flatMap(({ transactionHash: hash, gasUsed }) => {
    const part = gasUsed / BigInt(Math.max(1, places.length));
    const rest = gasUsed - part * BigInt(places.length);
    return places.map((place, i) => ({ ...place, hash, gasUsed: i === 0 ? part + rest : part }));
  });
}

/** Areas and intervals of events, each once, as they came. */
export function placesOf(own: readonly ChainEvent[]): readonly IntervalPlace[] {
  const places = new Map<string, IntervalPlace>();
  for (const event of own) {
    const { areaId, intervalId } = subjectOf(event);
    if (areaId === null || intervalId === null) continue;
    const key = `${areaId} ${intervalId}`;
    if (!places.has(key)) places.set(key, { areaId, intervalId });
  }
  return [...places.values()];
}
