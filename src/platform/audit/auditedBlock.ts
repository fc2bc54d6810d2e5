import type { PublicClient } from "viem";
import type { ChainEvent, ContractEvents, Deployment } from "#platform/chain/contractSpec.ts";
import {
  type EvidencedBlock,
  type HeaderProof,
  RANGES_A_THREAD,
  rangeReader,
  readEvidencedBlock,
} from "#platform/chain/evidencedHistory.ts";
import type { RangeReader } from "#platform/chain/followBlocks.ts";
import type { Ahead } from "./ahead.ts";

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
  specs: readonly ContractEvents[];
  headers: HeaderProof;
  ahead: Ahead;
}): BlockSource {
  const { ahead } = given;
  const readRange = rangeReader(async (number) => {
    const block = await readEvidencedBlock({ ...given, block: number });
    const events: { event: ChainEvent; computed: unknown }[] = [];
    for (const event of block.events) events.push({ event, computed: await ahead.compute(event) });
    return { ...block, events };
  });
  return { readRange, ranges: RANGES_A_THREAD, stop: async () => {} };
}
