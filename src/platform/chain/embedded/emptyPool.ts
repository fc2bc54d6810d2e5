import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { HEX } from "./anvilRpc.ts";

/** Of the node: how many transactions wait for their block. */
const POOL = z.object({ pending: HEX.transform(Number).pipe(z.int().nonnegative()) });
const POLLING_MS = 1;
/** A transaction that no block takes must not hold back the others. */
const PATIENCE_MS = 1_000;

/**
 * Waits until every transaction that can get into a block is in one. anvil reads an account's next number, then adds the
 * transaction: when the block of the one before comes in between, the transaction stays queued for ever, as if one were
 * missing. Whoever hands over a transaction waits here first, and hands over one at a time.
 *
 * @param poolStatus asks the node for `txpool_status`
 */
export async function awaitEmptyPool(poolStatus: () => Promise<unknown>): Promise<void> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += POLLING_MS) {
    if (POOL.parse(await poolStatus()).pending === 0) return;
    await setTimeout(POLLING_MS);
  }
}
