import type { PublicClient } from "viem";
import {
  type EvidencedBlock,
  type HeaderProof,
  RANGES_A_THREAD,
  rangeReader,
  readEvidencedBlock,
} from "#domains/pool/evidencedHistory.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import type { Deployment } from "#platform/chain/deployment.ts";
import type { RangeReader } from "#platform/chain/followBlocks.ts";
import type { Ahead } from "./ahead.ts";
import { withContract } from "./namedEvents.ts";

/** A block as an audit replays it: what its own hashes say, and beside each event what was computed of it ahead. */
export type AuditedBlock = Omit<EvidencedBlock, "events"> & {
  readonly events: readonly { readonly event: ChainEvent; readonly computed: unknown }[];
};

/** Where an audit has its blocks from: how many ranges it may ask for at once, and what ends it. */
export type BlockSource = {
  readonly readRange: RangeReader<AuditedBlock>;
  readonly ranges: number;
  stop(): Promise<void>;
};

/** Reads and computes in the thread that asks. */
export function blocksOfThisThread(given: {
  client: PublicClient;
  deployment: Deployment;
  headers: HeaderProof;
  ahead: Ahead;
}): BlockSource {
  const { ahead } = given;
  const readRange = rangeReader(async (number) => {
    const block = await readEvidencedBlock({ ...given, block: number });
    const events: { event: ChainEvent; computed: unknown }[] = [];
    for (const unnamed of block.events) {
      const event = withContract(unnamed);
      events.push({ event, computed: await ahead.compute(event) });
    }
    return { ...block, events };
  });
  return { readRange, ranges: RANGES_A_THREAD, stop: async () => {} };
}
