import { and, asc, eq, inArray, lte } from "drizzle-orm";
import type { EventKind } from "#platform/chain/chainEvent.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { EventView } from "#platform/store/queries/events.ts";
import {
  blocks,
  clearingSteps,
  events,
  movements,
  positions,
  readings,
  settledPages,
  transactions,
} from "#platform/store/schema.ts";

type IntervalKey = { readonly areaId: number; readonly intervalId: number };

const REGISTRY_KINDS: readonly EventKind[] = [
  "participantRegistered",
  "participantSuspended",
  "participantReinstated",
  "entityJoined",
  "entityLeft",
  "meterEnrolled",
  "meterRetired",
  "deviceKeyRotated",
  "deviceKeyRevoked",
];

/**
 * What the operator declared, what the contract was shown, what came of it and which money moved: all that is needed to
 * check an interval, but for its orders. `events` are all of the blocks in which the interval's transactions are.
 */
export async function findEvidence(db: Queryable, key: IntervalKey) {
  const paid = await listTransactions(db, key);
  const inBlocks = [...new Set(paid.map(({ block }) => block))];
  const steps = await db
    .select()
    .from(clearingSteps)
    .where(ofInterval(clearingSteps, key))
    .orderBy(asc(clearingSteps.step));
  const held = await db
    .select()
    .from(positions)
    .where(ofInterval(positions, key))
    .orderBy(asc(positions.step), asc(positions.account));
  const pages = await db
    .select()
    .from(settledPages)
    .where(ofInterval(settledPages, key))
    .orderBy(asc(settledPages.page));
  const opened = await db
    .select()
    .from(readings)
    .where(and(ofInterval(readings, key), eq(readings.proof, "opened")))
    .orderBy(asc(readings.account));
  const moved = await db
    .select()
    .from(movements)
    .where(and(inArray(movements.block, inBlocks), ofInterval(movements, key)))
    .orderBy(asc(movements.block), asc(movements.logIndex), asc(movements.account), asc(movements.kind));
  const happened = await db
    .select()
    .from(events)
    .where(inArray(events.block, inBlocks))
    .orderBy(asc(events.block), asc(events.logIndex));
  return {
    steps,
    positions: held,
    pages,
    openedReadings: opened,
    movements: moved,
    events: happened,
    transactions: paid,
  };
}

/** Everything that happened to the registry up to a block, in the order of the chain. */
export function listRegistryEvents(db: Queryable, toBlock: number): Promise<EventView[]> {
  return db
    .select()
    .from(events)
    .where(and(inArray(events.kind, [...REGISTRY_KINDS]), lte(events.block, toBlock)))
    .orderBy(asc(events.block), asc(events.logIndex));
}

function listTransactions(db: Queryable, key: IntervalKey) {
  return db
    .select({
      hash: transactions.hash,
      block: transactions.block,
      timestamp: blocks.timestamp,
      sender: transactions.sender,
      purpose: transactions.purpose,
      gasUsed: transactions.gasUsed,
    })
    .from(transactions)
    .innerJoin(blocks, eq(blocks.number, transactions.block))
    .where(and(eq(transactions.areaId, key.areaId), eq(transactions.intervalId, key.intervalId)))
    .orderBy(asc(transactions.block), asc(transactions.place));
}

type IntervalTable =
  | typeof clearingSteps
  | typeof positions
  | typeof settledPages
  | typeof readings
  | typeof movements;

function ofInterval(table: IntervalTable, { areaId, intervalId }: IntervalKey) {
  return and(eq(table.areaId, areaId), eq(table.intervalId, intervalId));
}
