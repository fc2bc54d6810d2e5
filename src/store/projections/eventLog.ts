import type { ChainEvent } from "#chain/chainEvent.ts";
import { toJson } from "../factsJson.ts";
import { insertAll } from "../insertAll.ts";
import type { Queryable } from "../openStore.ts";
import { blocks, events, transactions } from "../schema.ts";

const PLACE_FIELDS: ReadonlySet<string> = new Set([
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

/** Writes down the block, its transactions and its events, as they came (R5.46, R6.3). */
export async function logEvents(tx: Queryable, list: readonly ChainEvent[]): Promise<void> {
  const [first] = list;
  if (!first) return;
  await tx.insert(blocks).values({ number: first.block, hash: first.blockHash, timestamp: first.timestamp });
  await insertAll(tx, transactions, transactionsOf(list));
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
    areaId: "areaId" in event ? event.areaId : null,
    intervalId: "intervalId" in event ? event.intervalId : null,
    account: "account" in event ? event.account : null,
  };
}

/** The facts of an event without its place and without the bulk that was submitted. */
function factsOf(event: ChainEvent): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).filter(([name]) => !PLACE_FIELDS.has(name)));
}

function transactionsOf(list: readonly ChainEvent[]) {
  const hashes = [...new Set(list.map(({ transactionHash }) => transactionHash))];
  return hashes.flatMap((hash) => {
    const own = list.filter(({ transactionHash }) => transactionHash === hash);
    const subject = own.map(subjectOf).find(({ intervalId }) => intervalId !== null);
    return own.slice(0, 1).map((event) => ({
      hash,
      block: event.block,
      place: event.transactionIndex,
      sender: event.sender,
      purpose: event.purpose,
      gasUsed: event.gasUsed,
      areaId: subject?.areaId ?? null,
      intervalId: subject?.intervalId ?? null,
    }));
  });
}
