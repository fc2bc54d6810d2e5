import type { MessagePort } from "node:worker_threads";
import type { BlockRange } from "#platform/chain/followBlocks.ts";
import type { AuditedBlock, BlockSource } from "./auditedBlock.ts";

/** What a worker says when it can be asked. */
export const READY = "ready";

/** Blocks of a range, named by its first block, up to the first that could not be read, and why in a sentence. */
export type RangeAnswer = {
  readonly from: number;
  readonly blocks: readonly AuditedBlock[];
  readonly failure: string | null;
};

/** Answers ranges with their blocks for as long as the thread lives. */
export function serveRanges(port: MessagePort, { readRange }: Pick<BlockSource, "readRange">): void {
  port.on("message", async (range: BlockRange) => {
    const { blocks, failure } = await readRange(range);
    const answer: RangeAnswer = { from: range.from, blocks, failure: failure?.message ?? null };
    port.postMessage(answer);
  });
  port.postMessage(READY);
}
