import { gzipSync } from "node:zlib";
import { type Hex, keccak256 } from "viem";
import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import { type AnvilBlock, type AnvilRpc, HEX, quantity, readBlock } from "./anvilRpc.ts";
import type { JournalBlock } from "./chainJournal.ts";

/** Gas that fits into a block. It is part of the block hash: a journal replays only under the limit it was made with. */
export const BLOCK_GAS_LIMIT = 60_000_000;

const ZERO_ADDRESS = `0x${"0".repeat(40)}`;
type BlockMark = { readonly block: number; readonly hash: Hex };

const PROOF = z.object({ accountProof: z.tuple([HEX], HEX) });

/**
 * Makes the journal's blocks again, each with its time, its random value and its transactions, and holds every block
 * hash against the recorded one: the hash covers the transactions, receipts, logs and the whole state. The node must
 * stand at the block before the first; mining is left to transactions again afterwards.
 *
 * @throws ReplayMismatchError at the first block that comes out differently
 */
export async function replayBlocks(rpc: AnvilRpc, blocks: readonly JournalBlock[]): Promise<void> {
  if (blocks.length === 0) return;
  await rpc.call({ method: "evm_setAutomine", params: [false] });
  for (const block of blocks) await replayBlock(rpc, block);
  await rpc.call({ method: "evm_setAutomine", params: [true] });
}

/**
 * Checks that the node stands at the given block.
 *
 * @throws ReplayMismatchError
 */
export async function checkNewestBlock(rpc: AnvilRpc, { block, hash }: BlockMark): Promise<AnvilBlock> {
  const newest = await readBlock(rpc, "latest");
  if (newest.number !== block || newest.hash !== hash)
    throw new ReplayMismatchError({ block, expected: hash, actual: newest.hash });
  return newest;
}

/**
 * Checks besides that the loaded accounts are those of that block: the root of an account's proof is computed from the
 * accounts, the state root was loaded with the block.
 *
 * @throws ReplayMismatchError
 */
export async function checkLoadedState(rpc: AnvilRpc, { block, hash }: BlockMark): Promise<void> {
  const { stateRoot } = await checkNewestBlock(rpc, { block, hash });
  const answer = await rpc.call({ method: "eth_getProof", params: [ZERO_ADDRESS, [], "latest"] });
  const [root] = PROOF.parse(answer).accountProof;
  const actual = keccak256(root);
  if (actual !== stateRoot) throw new ReplayMismatchError({ block, expected: stateRoot, actual });
}

async function replayBlock(rpc: AnvilRpc, block: JournalBlock): Promise<void> {
  await setNextPrevrandao(rpc, block);
  await rpc.call({ method: "evm_setNextBlockTimestamp", params: [block.timestamp] });
  for (const transaction of block.transactions)
    await rpc.call({ method: "eth_sendRawTransaction", params: [transaction] });
  await rpc.call({ method: "evm_mine" });
  const replayed = await readBlock(rpc, "latest");
  if (replayed.number !== block.number || replayed.hash !== block.hash)
    throw new ReplayMismatchError({ block: block.number, expected: block.hash, actual: replayed.hash });
}

/**
 * The node draws each block's random value (prevrandao) itself and has no call to set it. Loading a state sets the block
 * environment, and a state without accounts and blocks changes nothing else.
 */
async function setNextPrevrandao(
  rpc: AnvilRpc,
  { number, timestamp, prevrandao }: JournalBlock,
): Promise<void> {
  const state = {
    block: {
      number: quantity(number - 1),
      beneficiary: ZERO_ADDRESS,
      timestamp: quantity(timestamp),
      gas_limit: BLOCK_GAS_LIMIT,
      basefee: 0,
      difficulty: "0x0",
      prevrandao,
      blob_excess_gas_and_price: { excess_blob_gas: 0, blob_gasprice: 1 },
      slot_num: 0,
    },
    accounts: {},
    best_block_number: number - 1,
    blocks: [],
    transactions: [],
    historical_states: null,
  };
  const packed = gzipSync(JSON.stringify(state), { level: 1 }).toString("hex");
  await rpc.call({ method: "anvil_loadState", params: [`0x${packed}`] });
}

/** A recorded block came out differently: the record, or the node's program, is not the one that made it. */
export class ReplayMismatchError extends DomainError {
  readonly code = "replayMismatch";
  readonly block: number;

  constructor({ block, expected, actual }: { block: number; expected: string; actual: string }) {
    super(
      `block ${block} of the embedded chain was ${expected} and is now ${actual}: its record was changed, or anvil is of ` +
        "another version than the one that stopped without a snapshot; start it once with the old version",
    );
    this.block = block;
  }
}
