import type { Log, PublicClient } from "viem";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { type AuditEvent, eventsOfTransaction } from "#platform/chain/blockEvents.ts";
import {
  type BlockFault,
  fetchBlock,
  findBlockFault,
  headerHash,
  type RpcBlock,
  type RpcReceipt,
} from "#platform/chain/blockEvidence.ts";
import type { Deployment } from "#platform/chain/deployment.ts";
import { HistoryUnavailableError } from "#platform/chain/readLogs.ts";

/** Blocks fetched at once; keeps the connections to a node few. */
const MAX_PARALLEL_BLOCKS = 16;
/** A growing chain is followed up to this distance: nodes keep the states of some blocks only, at least 16. */
const MAX_BLOCKS_BEHIND = 4;

/**
 * A block with the events of Commonwatt's contracts, held against its own hashes.
 *
 * @property transactions how many of the block's transactions caused the events
 * @property fault what the block's hashes and signatures disprove; null when they bear out what the node shows
 */
export type EvidencedBlock = {
  readonly number: number;
  readonly hash: Hex;
  readonly transactions: number;
  readonly events: readonly AuditEvent[];
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
  fromBlock,
  headers,
}: {
  client: PublicClient;
  deployment: Deployment;
  fromBlock: number;
  headers: HeaderProof;
}): AsyncGenerator<EvidencedBlock, void, undefined> {
  let parent: RpcBlock | null = null;
  let newest = Number(await client.getBlockNumber());
  for (let from = fromBlock; ; ) {
    const count = Math.min(MAX_PARALLEL_BLOCKS, newest - from + 1);
    const fetched = await Promise.all(
      Array.from({ length: count }, (_, i) =>
        fetchBlock(client, from + i).catch((cause: unknown) => {
          throw new HistoryUnavailableError(from + i, cause);
        }),
      ),
    );
    for (const { block, receipts } of fetched) {
      const fault = await findBlockFault({ block, receipts, parent, bindsContent: headers === "ethereum" });
      yield evidencedBlock({ deployment, block, receipts, fault });
      parent = block;
    }
    from += count;
    if (from <= newest) continue;
    newest = Number(await client.getBlockNumber());
    if (newest - from < MAX_BLOCKS_BEHIND) return;
  }
}

function evidencedBlock({
  deployment,
  block,
  receipts,
  fault,
}: {
  deployment: Deployment;
  block: RpcBlock;
  receipts: readonly RpcReceipt[];
  fault: BlockFault | null;
}): EvidencedBlock {
  const events: AuditEvent[] = [];
  let unreadable: EvidenceFault | null = null;
  let transactions = 0;
  for (const [index, receipt] of receipts.entries()) {
    try {
      const found = readTransactionEvents({ deployment, block, receipt, index });
      transactions += found.length > 0 ? 1 : 0;
      events.push(...found);
    } catch {
      const sentence = "an event of the contracts cannot be read";
      unreadable ??= { rule: "unreadableEvent", sentence, transactionHash: receipt.transactionHash };
    }
  }
  const number = Number(BigInt(block.number));
  return { number, hash: block.hash, transactions, events, fault: fault ?? unreadable };
}

function readTransactionEvents({
  deployment,
  block,
  receipt,
  index,
}: {
  deployment: Deployment;
  block: RpcBlock;
  receipt: RpcReceipt;
  index: number;
}): AuditEvent[] {
  const transaction = present(block.transactions[index], "a receipt's transaction");
  return eventsOfTransaction(deployment, {
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
      (log) => ({ ...log, logIndex: Number(BigInt(log.logIndex)) }) as unknown as Log<bigint, number, false>,
    ),
  });
}
