import type { Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent, Deployment } from "#platform/chain/contractSpec.ts";
import { findHeaderProof, type HeaderProof } from "#platform/chain/evidencedHistory.ts";
import { followBlocks } from "#platform/chain/followBlocks.ts";
import type { Network } from "#platform/chain/network.ts";
import type { Ahead } from "./ahead.ts";
import { type Discrepancy, DiscrepancyFound, discrepancyAt } from "./auditDiscrepancy.ts";
import type { AuditedBlock, BlockSource } from "./auditedBlock.ts";
import { type AuditBase, addCount, type Counts, type Replay, replayAll } from "./replay.ts";

/** What an audit came to. `notes` say what could not be verified. */
export type AuditReport =
  | {
      readonly verdict: "clean";
      /** What the headers proved; null where no block was read. */
      readonly headers: HeaderProof | null;
      readonly fromBlock: number;
      readonly toBlock: number;
      /** Hash of the last block: who sees another one has another chain. */
      readonly toBlockHash: Hex | null;
      /** The chain's newest block once the audit was done: those after `toBlock` are not audited. */
      readonly newestBlock: number;
      readonly checked: Counts;
      readonly notes: readonly string[];
    }
  | {
      readonly verdict: "discrepancy";
      readonly headers: HeaderProof | null;
      readonly discrepancy: Discrepancy;
      readonly checked: Counts;
    };

/** The last block that is audited, and the newest of the chain as it was lately: the blocks between are left. */
export type AuditProgress = { readonly block: number; readonly lastBlock: number };

/** Starts the replays of all domains at the first block of a deployment, in the order in which they see an event. */
export type StartReplays = (base: AuditBase) => readonly Replay[];

/**
 * Replays a deployment from its first block to the newest (design §1.8): every block against its hashes, and every event
 * by the rules of the domains (R2.1, R2.3, R6.3, R6.11, R8.28–R8.31). Trusts nothing but signatures and hashes; the
 * contracts' arithmetic plays no part. The first discrepancy in the order of the chain ends it. `headers` is what the
 * network's record says that they prove; null takes what the node shows. `openSource` says where the blocks come from, with
 * what `ahead` computes of them.
 *
 * @throws HistoryUnavailableError when the node does not give a block
 */
export async function auditChain({
  network: { client },
  deployment,
  headers: known = null,
  openSource,
  ahead,
  startReplays,
  onProgress,
}: {
  network: Network;
  deployment: Deployment;
  headers?: HeaderProof | null;
  openSource: (headers: HeaderProof) => BlockSource | Promise<BlockSource>;
  ahead: Ahead;
  startReplays: StartReplays;
  onProgress?: ((progress: AuditProgress) => void) | undefined;
}): Promise<AuditReport> {
  const fromBlock = deployment.deployedAtBlock;
  let newest = fromBlock;
  const newestBlock = async () => {
    newest = Math.max(newest, Number(await client.getBlockNumber()));
    return newest;
  };
  let toBlock = await newestBlock();
  const headers = known ?? (await findHeaderProof(client, { fromBlock, toBlock }));
  const { counts, replay } = start(deployment, startReplays);
  let toBlockHash: Hex | null = null;
  const source = await openSource(headers);
  const discrepancy = await findDiscrepancy(async () => {
    for await (const block of followBlocks({ ...source, fromBlock, newestBlock })) {
      await auditBlock(replay, ahead, block);
      addCount(counts, "chain.blocks");
      addCount(counts, "chain.transactions", block.transactions);
      toBlockHash = block.hash;
      toBlock = Math.max(toBlock, block.number);
      if (block.number % BLOCKS_A_LOOK === 0) await newestBlock();
      onProgress?.({ block: block.number, lastBlock: Math.max(newest, toBlock) });
    }
    await replay.finish({ block: toBlock });
    await newestBlock();
  }).finally(() => source.stop());
  if (discrepancy) return { verdict: "discrepancy", headers, discrepancy, checked: counts };
  const notes = [...(headers === "ethereum" ? [] : [TRUSTED_HEADERS]), ...replay.notes()];
  const reached = { fromBlock, toBlock, toBlockHash, newestBlock: Math.max(newest, toBlock) };
  return { verdict: "clean", headers, ...reached, checked: counts, notes };
}

/** How often an audit asks how far the chain has grown meanwhile, so that what is left is told truly. */
const BLOCKS_A_LOOK = 16;

const TRUSTED_HEADERS =
  "the headers of this network are trusted, since its engine does not hash blocks as Ethereum does: events are taken as the node gives them, transactions by their signatures";

/** Replays events that are already read, in the order of the chain. Blocks and transactions are not checked here. */
export async function auditEvents({
  events,
  deployment,
  startReplays,
}: {
  events: AsyncIterable<ChainEvent> | Iterable<ChainEvent>;
  deployment: Deployment;
  startReplays: StartReplays;
}): Promise<AuditReport> {
  const { counts, replay } = start(deployment, startReplays);
  const fromBlock = deployment.deployedAtBlock;
  let last = { block: fromBlock, blockHash: null as Hex | null };
  const discrepancy = await findDiscrepancy(async () => {
    for await (const event of events) {
      await replay.apply(event);
      last = event;
    }
    await replay.finish(last);
  });
  if (discrepancy) return { verdict: "discrepancy", headers: null, discrepancy, checked: counts };
  const { block: toBlock, blockHash: toBlockHash } = last;
  return {
    verdict: "clean",
    headers: null,
    fromBlock: deployment.deployedAtBlock,
    toBlock,
    toBlockHash,
    newestBlock: toBlock,
    checked: counts,
    notes: replay.notes(),
  };
}

function start(deployment: Deployment, startReplays: StartReplays) {
  const counts: Counts = {};
  const replay = replayAll(startReplays({ deployment, counts }));
  return { counts, replay };
}

async function findDiscrepancy(work: () => Promise<void>): Promise<Discrepancy | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof DiscrepancyFound) return error.discrepancy;
    throw error;
  }
}

/**
 * Looks at what the block says first, then at its hashes: where both disagree, the order or reading that changed is more
 * use to a person than the hash that it broke. The sentence then names both.
 */
async function auditBlock(
  replay: ReturnType<typeof replayAll>,
  ahead: Ahead,
  { number, fault, events }: AuditedBlock,
): Promise<void> {
  try {
    for (const { event, computed } of events) {
      ahead.adopt(event, computed);
      await replay.apply(event);
    }
    replay.closeTransaction();
  } catch (error) {
    if (!(error instanceof DiscrepancyFound) || fault === null) throw error;
    throw error.withEvidence(fault.sentence);
  }
  if (fault === null) return;
  const place = { block: number, transactionHash: fault.transactionHash };
  throw discrepancyAt(place, { rule: fault.rule, finding: fault.sentence });
}
