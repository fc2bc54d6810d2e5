import type { PublicClient } from "viem";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import {
  type BlockFault,
  type BlockLink,
  fetchBlock,
  findBlockFault,
  headerHash,
  type RpcBlock,
  type RpcReceipt,
} from "./blockEvidence.ts";
import type { ChainEvent, ContractEvents, Deployment } from "./contractSpec.ts";
import { followBlocks, type RangeReader } from "./followBlocks.ts";
import { HistoryUnavailableError, type MinedLog } from "./readLogs.ts";
import { eventsOfTransaction, type KnownContracts } from "./transactionEvents.ts";

/** Ranges read ahead by one thread: while the blocks of one are looked at, those of the next are on their way. */
export const RANGES_A_THREAD = 2;

/**
 * A block with the events of Commonwatt's contracts, held against its own hashes.
 *
 * @property transactions how many of the block's transactions caused the events
 * @property fault what the block's hashes and signatures disprove; null when they bear out what the node shows
 */
export type EvidencedBlock = {
  readonly number: number;
  readonly hash: Hex;
  readonly link: BlockLink;
  readonly transactions: number;
  readonly events: readonly ChainEvent[];
  readonly fault: EvidenceFault | null;
};

export type EvidenceFault =
  | BlockFault
  | { readonly rule: "unreadableEvent"; readonly sentence: string; readonly transactionHash: Hex };

/**
 * What the headers of a network prove. `ethereum`: a block's hash binds its transactions and events by Ethereum's roots.
 * `trusted`: the engine makes other roots, as CometBFT; there only transactions and the blocks' links can be checked from
 * outside, and events are taken as the node gives them.
 */
export type HeaderProof = "ethereum" | "trusted";

/**
 * What the node shows of the headers from `fromBlock` to `toBlock`. One end with Ethereum's hash is enough, so that a
 * changed header is not taken for another engine's. The genesis shows nothing: nodes make it as they like.
 */
export async function findHeaderProof(
  client: PublicClient,
  { fromBlock, toBlock }: { fromBlock: number; toBlock: number },
): Promise<HeaderProof> {
  for (const number of new Set([Math.max(fromBlock, 1), toBlock])) {
    if (number === 0 || number > toBlock) continue;
    const { block } = await fetchBlock(client, number);
    if (headerHash(block) === block.hash) return "ethereum";
  }
  return "trusted";
}

/**
 * Reads every block from `fromBlock` on, with the events in it, until it has come close to the newest; a chain that grows
 * meanwhile is followed. Nothing is left to the node's word: events come from the receipts that the header's root binds,
 * so none can be left out (R2.3, R6.3). The genesis is taken as given.
 *
 * @throws HistoryUnavailableError when the node does not give a block
 */
export async function* readEvidencedHistory({
  client,
  deployment,
  specs,
  fromBlock,
  headers,
}: {
  client: PublicClient;
  deployment: Pick<Deployment, "contracts">;
  specs: readonly ContractEvents[];
  fromBlock: number;
  headers: HeaderProof;
}): AsyncGenerator<EvidencedBlock, void, undefined> {
  const readBlock = (block: number) => readEvidencedBlock({ client, deployment, specs, headers, block });
  const newestBlock = async () => Number(await client.getBlockNumber());
  yield* followBlocks({ readRange: rangeReader(readBlock), ranges: 1, fromBlock, newestBlock });
}

/** A block, held against its own hashes; that it follows the one before is left to {@link followBlocks}. */
export async function readEvidencedBlock({
  client,
  deployment: { contracts },
  specs,
  headers,
  block: number,
}: {
  client: PublicClient;
  deployment: Pick<Deployment, "contracts">;
  specs: readonly ContractEvents[];
  headers: HeaderProof;
  block: number;
}): Promise<EvidencedBlock> {
  const { block, receipts } = await fetchBlock(client, number).catch((cause: unknown) => {
    throw new HistoryUnavailableError(number, cause);
  });
  const fault = findBlockFault({ block, receipts, bindsContent: headers === "ethereum" });
  return evidencedBlock({ known: { contracts, specs }, block, receipts, fault });
}

/** Reads the blocks of a range at once by `readBlock`. */
export function rangeReader<Block>(readBlock: (block: number) => Promise<Block>): RangeReader<Block> {
  return async ({ from, to }) => {
    const reads = Array.from({ length: to - from + 1 }, (_, i) => readBlock(from + i));
    const results = await Promise.allSettled(reads);
    const blocks: Block[] = [];
    for (const result of results) {
      if (result.status === "rejected") return { blocks, failure: result.reason as Error };
      blocks.push(result.value);
    }
    return { blocks, failure: null };
  };
}

function evidencedBlock({
  known,
  block,
  receipts,
  fault,
}: {
  known: KnownContracts;
  block: RpcBlock;
  receipts: readonly RpcReceipt[];
  fault: BlockFault | null;
}): EvidencedBlock {
  const events: ChainEvent[] = [];
  let unreadable: EvidenceFault | null = null;
  let transactions = 0;
  for (const [index, receipt] of receipts.entries()) {
    try {
      const found = readTransactionEvents({ known, block, receipt, index });
      transactions += found.length > 0 ? 1 : 0;
      events.push(...found);
    } catch {
      const sentence = "an event of the contracts cannot be read";
      unreadable ??= { rule: "unreadableEvent", sentence, transactionHash: receipt.transactionHash };
    }
  }
  const number = Number(BigInt(block.number));
  const { hash, parentHash, timestamp } = block;
  const link: BlockLink = { hash, parentHash, number: block.number, timestamp };
  return { number, hash, link, transactions, events, fault: fault ?? unreadable };
}

function readTransactionEvents({
  known,
  block,
  receipt,
  index,
}: {
  known: KnownContracts;
  block: RpcBlock;
  receipt: RpcReceipt;
  index: number;
}): ChainEvent[] {
  const transaction = present(block.transactions[index], "a receipt's transaction");
  return eventsOfTransaction(known, {
    place: {
      block: Number(BigInt(block.number)),
      blockHash: block.hash,
      timestamp: Number(BigInt(block.timestamp)),
      transactionHash: transaction.hash,
      transactionIndex: index,
      sender: transaction.from.toLowerCase() as Address,
      gasUsed: BigInt(receipt.gasUsed),
    },
    to: transaction.to,
    input: transaction.input,
    logs: receipt.logs.map(
      (log) => ({ ...log, logIndex: Number(BigInt(log.logIndex)) }) as unknown as MinedLog,
    ),
  });
}
