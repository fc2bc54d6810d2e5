import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import { type AnvilRpc, blockCall, HEX } from "./anvilRpc.ts";
import type { ArchivedBlock } from "./archivedBlock.ts";

/** Gas that fits into a block. */
export const BLOCK_GAS_LIMIT = 60_000_000;

const REPLAYED = z.object({
  number: HEX,
  transactionsRoot: HEX,
  receiptsRoot: HEX,
  gasUsed: HEX,
  timestamp: HEX,
});

/**
 * Makes the archive's blocks again, each at its time and with its transactions, and holds what came out against the archived
 * header: number, time, transactions, gas, and the receipts with all logs. The node must stand at the block before the first.
 *
 * @throws ReplayMismatchError at the first block that comes out differently
 */
export async function replayBlocks(rpc: AnvilRpc, blocks: Iterable<ArchivedBlock>): Promise<void> {
  await rpc.call({ method: "evm_setAutomine", params: [false] });
  for (const block of blocks) await replayBlock(rpc, block);
  await rpc.call({ method: "evm_setAutomine", params: [true] });
}

async function replayBlock(rpc: AnvilRpc, { number, header, transactions }: ArchivedBlock): Promise<void> {
  await rpc.call({ method: "evm_setNextBlockTimestamp", params: [Number(header.timestamp)] });
  for (const { raw } of transactions) await rpc.call({ method: "eth_sendRawTransaction", params: [raw] });
  await rpc.call({ method: "evm_mine" });
  const replayed = REPLAYED.parse(await rpc.call(blockCall("latest")));
  const names = ["number", "timestamp", "transactionsRoot", "receiptsRoot", "gasUsed"] as const;
  for (const name of names)
    if (replayed[name] !== header[name])
      throw new ReplayMismatchError({ block: number, name, expected: header[name], actual: replayed[name] });
}

/** A recorded block came out differently: the record, or the node's program, is not the one that made it. */
export class ReplayMismatchError extends DomainError {
  readonly code = "replayMismatch";
  readonly block: number;

  constructor({
    block,
    name,
    expected,
    actual,
  }: { block: number; name: string; expected: string; actual: string }) {
    super(
      `block ${block} of the embedded chain had the ${name} ${expected} and now has ${actual}: its record was changed, or ` +
        "anvil is of another version than the one that stopped without a snapshot; start it once with the old version",
    );
    this.block = block;
  }
}
