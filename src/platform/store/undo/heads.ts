import { and, asc, eq, gt, lte, max, min, sql } from "drizzle-orm";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { Header } from "#platform/chain/finality.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import type { IntervalPlace } from "#platform/store/projection.ts";
import { events, intervalTransactions, transactions } from "#platform/store/schema.ts";
import { heads, NOTED_BLOCK, undoSteps } from "./createUndo.ts";

/** The blocks that are in, from the newest final one on, the oldest first; none before the first look. */
export async function listHeads(db: Queryable): Promise<readonly Header[]> {
  const rows = await db.select().from(heads).orderBy(asc(heads.number));
  return rows.map(({ number, hash, parentHash, proposer }) => ({
    number,
    hash: hash as Hex,
    parentHash: parentHash as Hex,
    proposer: proposer as Address,
  }));
}

/** The newest block that is final and in; null before the first look. */
export async function finalBlockOf(db: Queryable): Promise<number | null> {
  const [row] = await db.select({ block: min(heads.number) }).from(heads);
  return row?.block ?? null;
}

/** Notes which blocks are in, of which the first is final: what undoes it and those before is forgotten. */
export async function keepHeads(tx: Queryable, tail: readonly [Header, ...Header[]]): Promise<void> {
  await tx.delete(heads);
  await insertAll(tx, heads, tail);
  await tx.delete(undoSteps).where(lte(undoSteps.block, tail[0].number));
}

/** From here on nothing that is in can be undone. */
export async function dropHeads(db: Queryable): Promise<void> {
  await db.delete(heads);
}

/** From here to the end of the transaction, changes are noted as those of a block that is not final. */
export async function noteChanges(tx: Queryable, block: number): Promise<void> {
  await tx.execute(sql`select set_config(${NOTED_BLOCK}, ${String(block)}, true)`);
}

/** Undoes all blocks behind `block`, which are not final. */
export async function undoBehind(tx: Queryable, block: number): Promise<void> {
  await tx.execute(sql`select undo_blocks(${block}::integer)`);
  await tx.delete(heads).where(gt(heads.number, block));
}

/** Intervals that blocks tell of that are not final: what undoes them names live rows. */
export async function listUndoable(db: Queryable): Promise<readonly IntervalPlace[]> {
  const final = await finalBlockOf(db);
  return final === null ? [] : listPlacesBehind(db, final);
}

/** Tells of which intervals all is final that is in now. */
export async function finalityNow(db: Queryable): Promise<(place: IntervalPlace) => boolean> {
  const keyOf = ({ areaId, intervalId }: IntervalPlace) => `${areaId} ${intervalId}`;
  const undoable = new Set((await listUndoable(db)).map(keyOf));
  return (place) => !undoable.has(keyOf(place));
}

/** Intervals that the blocks behind one tell of. */
export async function listPlacesBehind(db: Queryable, block: number): Promise<readonly IntervalPlace[]> {
  const rows = await db
    .selectDistinct({ areaId: events.areaId, intervalId: events.intervalId })
    .from(events)
    .where(gt(events.block, block));
  return rows.flatMap(({ areaId, intervalId }) =>
    areaId === null || intervalId === null ? [] : [{ areaId, intervalId }],
  );
}

/** Whether all is final that the chain tells of an interval, as far as it is in. */
export async function isFinalOf(db: Queryable, place: IntervalPlace): Promise<boolean> {
  const [final, newest] = [await finalBlockOf(db), await newestBlockOf(db, place)];
  return final === null || newest === null || newest <= final;
}

/** The newest block that tells of an interval of an area; null when none does. */
export async function newestBlockOf(
  db: Queryable,
  { areaId, intervalId }: IntervalPlace,
): Promise<number | null> {
  const [row] = await db
    .select({ block: max(transactions.block) })
    .from(intervalTransactions)
    .innerJoin(transactions, eq(transactions.hash, intervalTransactions.hash))
    .where(and(eq(intervalTransactions.areaId, areaId), eq(intervalTransactions.intervalId, intervalId)));
  return row?.block ?? null;
}
