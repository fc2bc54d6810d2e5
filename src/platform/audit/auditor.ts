import {
  type EvidencedBlock,
  findHeaderProof,
  type HeaderProof,
  readEvidencedHistory,
} from "#domains/pool/evidencedHistory.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { AuditEvent } from "#platform/chain/blockEvents.ts";
import type { Deployment } from "#platform/chain/deployment.ts";
import type { Network } from "#platform/chain/network.ts";
import { type Discrepancy, DiscrepancyFound, discrepancyAt } from "./auditDiscrepancy.ts";
import { addressBookOf, withContract } from "./namedEvents.ts";
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
      readonly checked: Counts;
      readonly notes: readonly string[];
    }
  | {
      readonly verdict: "discrepancy";
      readonly headers: HeaderProof | null;
      readonly discrepancy: Discrepancy;
      readonly checked: Counts;
    };

export type AuditProgress = { readonly block: number; readonly lastBlock: number };

/** Starts the replays of all domains at the first block of a deployment, in the order in which they see an event. */
export type StartReplays = (base: AuditBase) => readonly Replay[];

/**
 * Replays a deployment from its first block to the newest (design §1.8): every block against its hashes, and every event
 * by the rules of the domains (R2.1, R2.3, R6.3, R6.11, R8.28–R8.31). Trusts nothing but signatures and hashes; the
 * contracts' arithmetic plays no part. The first discrepancy ends it. `headers` is what the network's record says that they
 * prove; null takes what the node shows.
 *
 * @throws HistoryUnavailableError when the node does not give a block
 */
export async function auditChain({
  network: { client },
  deployment,
  headers: known = null,
  startReplays,
  onProgress,
}: {
  network: Network;
  deployment: Deployment;
  headers?: HeaderProof | null;
  startReplays: StartReplays;
  onProgress?: ((progress: AuditProgress) => void) | undefined;
}): Promise<AuditReport> {
  const fromBlock = deployment.deployedAtBlock;
  let toBlock = Number(await client.getBlockNumber());
  const headers = known ?? (await findHeaderProof(client, { fromBlock, toBlock }));
  const { counts, replay } = start(deployment, startReplays);
  let toBlockHash: Hex | null = null;
  const discrepancy = await findDiscrepancy(async () => {
    for await (const block of readEvidencedHistory({ client, deployment, fromBlock, headers })) {
      await auditBlock(replay, block);
      addCount(counts, "chain.blocks");
      addCount(counts, "chain.transactions", block.transactions);
      toBlockHash = block.hash;
      toBlock = Math.max(toBlock, block.number);
      onProgress?.({ block: block.number, lastBlock: toBlock });
    }
    await replay.finish({ block: toBlock });
  });
  if (discrepancy) return { verdict: "discrepancy", headers, discrepancy, checked: counts };
  const notes = [...(headers === "ethereum" ? [] : [TRUSTED_HEADERS]), ...replay.notes()];
  return { verdict: "clean", headers, fromBlock, toBlock, toBlockHash, checked: counts, notes };
}

const TRUSTED_HEADERS =
  "the headers of this network are trusted, since its engine does not hash blocks as Ethereum does: events are taken as the node gives them, transactions by their signatures";

/** Replays events that are already read, in the order of the chain. Blocks and transactions are not checked here. */
export async function auditEvents({
  events,
  deployment,
  startReplays,
}: {
  events: AsyncIterable<AuditEvent> | Iterable<AuditEvent>;
  deployment: Deployment;
  startReplays: StartReplays;
}): Promise<AuditReport> {
  const { counts, replay } = start(deployment, startReplays);
  const fromBlock = deployment.deployedAtBlock;
  let last = { block: fromBlock, blockHash: null as Hex | null };
  const discrepancy = await findDiscrepancy(async () => {
    for await (const event of events) {
      await replay.apply(withContract(event));
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
    checked: counts,
    notes: replay.notes(),
  };
}

function start(deployment: Deployment, startReplays: StartReplays) {
  const counts: Counts = {};
  const replay = replayAll(startReplays({ deployment: addressBookOf(deployment), counts }));
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
async function auditBlock(replay: ReturnType<typeof replayAll>, block: EvidencedBlock): Promise<void> {
  const { number, fault, events } = block;
  try {
    for (const event of events) await replay.apply(withContract(event));
    replay.closeTransaction();
  } catch (error) {
    if (!(error instanceof DiscrepancyFound) || fault === null) throw error;
    throw error.withEvidence(fault.sentence);
  }
  if (fault === null) return;
  const place = { block: number, transactionHash: fault.transactionHash };
  throw discrepancyAt(place, { rule: fault.rule, finding: fault.sentence });
}
