import type { PublicClient } from "viem";
import { present } from "#kernel/units/assert.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import { HistoryChangedError, readHistory } from "#platform/chain/history.ts";
import { emptyStore, type Store, tidyStore } from "./openStore.ts";
import { advance, type Progress, progressOf, projectStepwise } from "./project.ts";
import type { Projector } from "./projection.ts";
import { sealNext } from "./sealed/seal.ts";

/** What keeps the database at the head of the chain. */
export type Indexer = {
  /** Brings the database up to the chain's head of this moment; rejects when the chain can't be read. */
  poke(): Promise<void>;
  /** Ends the polling and waits for what is under way. */
  stop(): Promise<void>;
};

export type IndexerOptions<Sources = unknown> = {
  readonly store: Store;
  readonly client: PublicClient;
  readonly projector: Projector<Sources>;
  /** Pause between two looks at the chain's head, milliseconds; null looks only when poked. */
  readonly pollMs: number | null;
  /** Told of events that are now in the database, in order. */
  readonly onEvents?: (events: readonly ChainEvent[]) => void;
  /** Told in one sentence when the database had to be rebuilt. */
  readonly onNotice?: (sentence: string) => void;
  /** Told of a failed look; the next one tries again. */
  readonly onFailure?: (error: unknown) => void;
};

/** Blocks with events that are projected between two times of tidying: some hours of a market. */
const TIDY_EVERY_BLOCKS = 256;

/** Follows the chain into the database. Looks at the chain come one after the other, never two at once. */
export function startIndexer<Sources>(options: IndexerOptions<Sources>): Indexer {
  let tail: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const poke = (): Promise<void> => {
    const turn = tail.then(() => (isStopped ? undefined : catchUp(options)));
    tail = turn.catch(() => undefined);
    return turn;
  };
  const poll = async (pauseMs: number): Promise<void> => {
    await poke().catch((error: unknown) => options.onFailure?.(error));
    if (!isStopped) timer = setTimeout(() => void poll(pauseMs), pauseMs);
  };
  if (options.pollMs !== null) void poll(options.pollMs);
  return {
    poke,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await tail;
    },
  };
}

/**
 * Projects all blocks up to the head. When the last projected block is no longer on the chain, the database is rebuilt
 * from the deployment on: simple, and right for every depth of a reorganisation.
 */
export async function catchUp<Sources>(options: IndexerOptions<Sources>): Promise<void> {
  const { store, client, projector, onEvents } = options;
  const progress = await validProgress(options);
  const head = await client.getBlock();
  const toBlock = Number(head.number);
  const fromBlock = progress ? progress.block + 1 : store.deployment.deployedAtBlock;
  if (fromBlock > toBlock) return;
  try {
    const specs = projector.domains.flatMap(({ contracts = [] }) => contracts);
    const range = { client, deployment: store.deployment, specs, fromBlock, toBlock };
    for await (const applied of projectStepwise(store, readHistory(range), projector)) {
      if (applied.length === 0) continue;
      onEvents?.(applied);
      const blocks = new Set(applied.map(({ block }) => block)).size;
      await sealUpTo(blocks, options);
      await tidyWhenDue(store, blocks);
    }
    await advance(store.db, { block: toBlock, blockHash: present(head.hash, "the hash of the head") });
  } catch (error) {
    // The chain was reorganised under our eyes; what is in is checked before the next look.
    if (!(error instanceof HistoryChangedError)) throw error;
  }
}

/** A table of a day for each block: a long history is sealed as fast as it comes in, a running market in small steps. */
async function sealUpTo<Sources>(
  blocks: number,
  { store, projector }: Pick<IndexerOptions<Sources>, "store" | "projector">,
): Promise<void> {
  for (let left = blocks; left > 0; left -= 1) if (!(await sealNext(store, projector.domains))) return;
}

const untidied = new WeakMap<Store, number>();

async function tidyWhenDue(store: Store, newBlocks: number): Promise<void> {
  const blocks = (untidied.get(store) ?? 0) + newBlocks;
  const isDue = blocks >= TIDY_EVERY_BLOCKS;
  untidied.set(store, isDue ? 0 : blocks);
  if (isDue) await tidyStore(store);
}

async function validProgress({
  store,
  client,
  onNotice,
}: Pick<IndexerOptions, "store" | "client" | "onNotice">): Promise<Progress | null> {
  const progress = await progressOf(store.db);
  if (progress === null) return null;
  const head = Number(await client.getBlockNumber());
  const block = progress.block > head ? null : await client.getBlock({ blockNumber: BigInt(progress.block) });
  if (block?.hash === progress.blockHash) return progress;
  onNotice?.(`block ${progress.block} is no longer on the chain; the database is rebuilt`);
  await emptyStore(store);
  return null;
}
