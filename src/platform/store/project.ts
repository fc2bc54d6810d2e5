import { eq } from "drizzle-orm";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import { logEvents, placesOf } from "./eventLog.ts";
import { emptyStore, type Queryable, type Store } from "./openStore.ts";
import type { IntervalPlace, Projector } from "./projection.ts";
import { cursor } from "./schema.ts";
import { thawIntervals } from "./sealed/seal.ts";
import { noteChanges } from "./undo/heads.ts";
import { openWorkingSet, writeWorkingSet } from "./workingSet.ts";

/** The block up to which all is in. */
export type Progress = { readonly block: number; readonly blockHash: Hex };

/**
 * Blocks of one database transaction: opening one takes as long as applying some blocks, and who waits for news of a long
 * history sees it come in.
 */
const BLOCKS_A_TRANSACTION = 32;

/**
 * Applies events of the chain, in order and by whole blocks, so that a block is in as a whole or not at all. Blocks that
 * are in already are passed over. Gives the events that were new, as each transaction ends.
 */
export async function* projectStepwise<Sources>(
  store: Store,
  events: AsyncIterable<ChainEvent> | Iterable<ChainEvent>,
  projector: Projector<Sources>,
): AsyncGenerator<readonly ChainEvent[]> {
  let blocks: ChainEvent[][] = [];
  for await (const event of events) {
    const block = blocks.at(-1);
    if (block?.[0]?.block === event.block) {
      block.push(event);
      continue;
    }
    if (blocks.length === BLOCKS_A_TRANSACTION) {
      yield await projectBlocks(store, blocks, projector);
      blocks = [];
    }
    blocks.push([event]);
  }
  if (blocks.length > 0) yield await projectBlocks(store, blocks, projector);
}

/**
 * Applies the events of one block that is not final, so that it can be undone. Gives them back, none when the block is in
 * already.
 */
export function projectUndoable<Sources>(
  store: Store,
  block: readonly ChainEvent[],
  projector: Projector<Sources>,
): Promise<readonly ChainEvent[]> {
  return projectBlocks(store, [block], projector, true);
}

/** Applies all events as {@link projectStepwise} does, and gives back those that were new. */
export async function project<Sources>(
  store: Store,
  events: AsyncIterable<ChainEvent> | Iterable<ChainEvent>,
  projector: Projector<Sources>,
): Promise<ChainEvent[]> {
  const all: ChainEvent[] = [];
  for await (const applied of projectStepwise(store, events, projector)) all.push(...applied);
  return all;
}

/** Empties the database and applies the events anew. */
export async function rebuild<Sources>(
  store: Store,
  events: AsyncIterable<ChainEvent> | Iterable<ChainEvent>,
  projector: Projector<Sources>,
): Promise<void> {
  await emptyStore(store);
  await project(store, events, projector);
}

/** How far the projection is; null before the first block. */
export async function progressOf(db: Queryable): Promise<Progress | null> {
  const [row] = await db.select().from(cursor).where(eq(cursor.id, CURSOR));
  return row ? { block: row.block, blockHash: row.blockHash as Hex } : null;
}

/** Notes that all blocks up to this one are in, though they may hold no event. */
export async function advance(db: Queryable, { block, blockHash }: Progress): Promise<void> {
  await db
    .insert(cursor)
    .values({ id: CURSOR, block, blockHash })
    .onConflictDoUpdate({ target: cursor.id, set: { block, blockHash } });
}

const CURSOR = 1;

/** Gives the events of the blocks that were not in yet. */
async function projectBlocks<Sources>(
  { db, deployment, sealed }: Store,
  blocks: readonly (readonly ChainEvent[])[],
  { domains, sources }: Projector<Sources>,
  isUndoable = false,
): Promise<readonly ChainEvent[]> {
  return db.transaction(async (tx) => {
    const progress = await progressOf(tx);
    const events = blocks.flat().filter(({ block }) => block > (progress?.block ?? -1));
    const last = events.at(-1);
    if (!last) return [];
    const places = placesOf(events);
    // What is thawed stays so: how rows are kept is not undone.
    await thawIntervals(tx, { sealed }, places);
    if (isUndoable) await noteChanges(tx, last.block);
    await logEvents(tx, events);
    openWorkingSet(tx, places, { isLong: blocks.length > 1 });
    const opens = async (place: IntervalPlace) => openedBy(domains, tx, place);
    for (const event of events)
      for (const domain of domains) await domain.project?.({ tx, deployment, sources, opens, event });
    await writeWorkingSet(tx);
    await advance(tx, last);
    return events;
  });
}

/** The union of what the domains open of an interval. */
async function openedBy<Sources>(
  domains: Projector<Sources>["domains"],
  tx: Queryable,
  place: IntervalPlace,
): Promise<ReadonlySet<number>> {
  const all = new Set<number>();
  for (const { opens } of domains) for (const account of (await opens?.(tx, place)) ?? []) all.add(account);
  return all;
}
