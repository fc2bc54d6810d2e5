import { setTimeout } from "node:timers/promises";
import type { Hex } from "viem";
import { z } from "zod";
import { HEX } from "./anvilRpc.ts";

/** Of the node: how many transactions wait for their block. */
const POOL = z.object({ pending: HEX.transform(Number).pipe(z.int().nonnegative()) });
const POLLING_MS = 1;
/** A transaction that no block takes must not hold back the others. */
const PATIENCE_MS = 1_000;

type NodeCall = (method: string, params: readonly unknown[]) => Promise<unknown>;

/**
 * Hands a signed transaction to a node that makes a block for each as it comes, and gives back its hash. anvil reads an
 * account's next number, then adds the transaction: when the block of the one before comes in between, the transaction
 * stays queued for ever, as if one were missing. So it waits until none is pending; the caller hands over one at a time.
 */
export async function handOver(call: NodeCall, raw: unknown): Promise<Hex> {
  await awaitEmptyPool(call);
  return HEX.parse(await call("eth_sendRawTransaction", [raw]));
}

async function awaitEmptyPool(call: NodeCall): Promise<void> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < PATIENCE_MS) {
    if (POOL.parse(await call("txpool_status", [])).pending === 0) return;
    await setTimeout(POLLING_MS);
  }
}
