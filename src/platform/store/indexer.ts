import type { PublicClient } from "viem";
import type { Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { createQueue } from "#kernel/units/queue.ts";
import type { ChainEvent } from "#platform/chain/contractSpec.ts";
import {
  type FinalityRule,
  type Header,
  HeaderMissingError,
  IMMEDIATE,
  readTail,
} from "#platform/chain/finality.ts";
import { HistoryChangedError, readHistory } from "#platform/chain/history.ts";
import { emptyStore, type Store, tidyStore } from "./openStore.ts";
import { advance, type Progress, progressOf, projectStepwise, projectUndoable } from "./project.ts";
import type { IntervalPlace, Projector } from "./projection.ts";
import { sealNext } from "./sealed/seal.ts";
import { standingOf } from "./undo/ancestor.ts";
import { dropHeads, keepHeads, listHeads, listPlacesBehind, undoBehind } from "./undo/heads.ts";

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
  /** When a block of the chain is final; left out, at once. The database of another rule notes what undoes its changes. */
  readonly finality?: FinalityRule;
  /** Pause between two looks at the chain's head, milliseconds; null looks only when poked. */
  readonly pollMs: number | null;
  /** Told of events that are now in the database, in order. */
  readonly onEvents?: (events: readonly ChainEvent[]) => void;
  /** Told when blocks were replaced on the chain, once what they held is undone. */
  readonly onReplaced?: (blocks: ReplacedBlocks) => void;
  /** Told in one sentence when blocks were replaced, or the database had to be rebuilt. */
  readonly onNotice?: (sentence: string) => void;
  /** Told of a failed look; the next one tries again. */
  readonly onFailure?: (error: unknown) => void;
};

/** Blocks that are on the chain no more, from one number to another, and the intervals that they told of. */
export type ReplacedBlocks = {
  readonly from: number;
  readonly to: number;
  readonly places: readonly IntervalPlace[];
};

/** Blocks with events that are projected between two times of tidying: some hours of a market. */
const TIDY_EVERY_BLOCKS = 256;

/** Follows the chain into the database. Looks at the chain come one after the other, never two at once. */
export function startIndexer<Sources>(options: IndexerOptions<Sources>): Indexer {
  const inTurn = createQueue();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const poke = () => inTurn(async () => (isStopped ? undefined : catchUp(options)));
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
      await inTurn(async () => undefined);
    },
  };
}

/**
 * Brings the database up to the chain's head. Blocks that are not final are projected so that they can be undone: when the
 * chain is reorganised, those that are no longer on it are, and the others come in their place. Should a final block be
 * replaced, the database is rebuilt from the deployment on.
 */
export async function catchUp<Sources>(options: IndexerOptions<Sources>): Promise<void> {
  const { store, client, finality = IMMEDIATE } = options;
  try {
    const [progress, heads] = [await progressOf(store.db), await listHeads(store.db)];
    const tail = await readTail(client, finality, headerAmong(heads));
    const standing = progress && (await standingOf(client, { progress, heads }, tail));
    if (standing?.kind === "known") return;
    if (standing?.kind === "replaced") await startAnew(options, present(progress, "the progress").block);
    const ancestor = standing?.kind === "follows" ? standing.ancestor : null;
    if (progress && ancestor) await undo(options, { progress, ancestor });
    const fromBlock = ancestor ? ancestor.block + 1 : store.deployment.deployedAtBlock;
    await projectFinal(options, { fromBlock, final: tail[0] });
    await projectRecent(options, { fromBlock, tail });
  } catch (error) {
    // The chain was reorganised under our eyes; what is in is checked before the next look.
    if (!(error instanceof HistoryChangedError || error instanceof HeaderMissingError)) throw error;
  }
}

/** A block may be asked for whose header is known: those of one chain that name it as a parent have it in common. */
function headerAmong(heads: readonly Header[]): (hash: Hex) => Header | null {
  const byHash = new Map(heads.map((header) => [header.hash, header]));
  return (hash) => byHash.get(hash) ?? null;
}

async function startAnew({ store, onNotice }: Pick<IndexerOptions, "store" | "onNotice">, block: number) {
  onNotice?.(`block ${block} is no longer on the chain; the database is rebuilt`);
  await emptyStore(store);
}

/** Undoes what is in behind the newest block that is on the chain still. */
async function undo(
  { store, onNotice, onReplaced }: Pick<IndexerOptions, "store" | "onNotice" | "onReplaced">,
  { progress, ancestor }: { readonly progress: Progress; readonly ancestor: Progress },
): Promise<void> {
  if (ancestor.block === progress.block) return;
  const places = await store.db.transaction(async (tx) => {
    const told = await listPlacesBehind(tx, ancestor.block);
    await undoBehind(tx, ancestor.block);
    await advance(tx, ancestor);
    return told;
  });
  const [from, to] = [ancestor.block + 1, progress.block];
  onNotice?.(
    from === to
      ? `the chain was reorganised: block ${from} was replaced, and what it held is undone`
      : `the chain was reorganised: blocks ${from} to ${to} were replaced, and what they held is undone`,
  );
  onReplaced?.({ from, to, places });
}

/** Projects the final blocks, which nothing undoes. */
async function projectFinal<Sources>(
  options: IndexerOptions<Sources>,
  { fromBlock, final }: { readonly fromBlock: number; readonly final: Header },
): Promise<void> {
  const { store, client, projector } = options;
  const { number: toBlock, hash: blockHash } = final;
  if (fromBlock > toBlock) return;
  await dropHeads(store.db);
  const history = readHistory({ ...readingOf(options), fromBlock, toBlock });
  for await (const applied of projectStepwise(store, history, projector)) await takeIn(options, applied);
  const { hash } = await client.getBlock({ blockNumber: BigInt(toBlock) });
  if (hash === blockHash) return advance(store.db, { block: toBlock, blockHash });
  await startAnew(options, toBlock);
  throw new HistoryChangedError(toBlock);
}

/** Projects what came behind the final blocks, each event of a block of the tail. */
async function projectRecent<Sources>(
  options: IndexerOptions<Sources>,
  { fromBlock, tail }: { readonly fromBlock: number; readonly tail: readonly [Header, ...Header[]] },
): Promise<void> {
  const { store, projector, finality = IMMEDIATE } = options;
  if (finality.kind === "immediate") return;
  const from = Math.max(fromBlock, tail[0].number + 1);
  const fresh = tail.filter(({ number }) => number >= from);
  for (const events of await readBlocks(options, fresh))
    await takeIn(options, await projectUndoable(store, events, projector));
  const { number: block, hash: blockHash } = tail.at(-1) ?? tail[0];
  await store.db.transaction(async (tx) => {
    await keepHeads(tx, tail);
    await advance(tx, { block, blockHash });
  });
}

/**
 * The events of some blocks, by block, all read before one of them is used.
 *
 * @throws HistoryChangedError when one is of another block of its number
 */
async function readBlocks<Sources>(
  options: IndexerOptions<Sources>,
  headers: readonly Header[],
): Promise<readonly (readonly ChainEvent[])[]> {
  const [first, last] = [headers[0], headers.at(-1)];
  if (!first || !last) return [];
  const range = { ...readingOf(options), fromBlock: first.number, toBlock: last.number };
  const blocks = new Map<Hex, ChainEvent[]>(headers.map(({ hash }) => [hash, []]));
  for await (const event of readHistory(range)) {
    const block = blocks.get(event.blockHash);
    if (block === undefined) throw new HistoryChangedError(event.block);
    block.push(event);
  }
  return [...blocks.values()].filter((events) => events.length > 0);
}

function readingOf<Sources>({ store, client, projector }: IndexerOptions<Sources>) {
  const specs = projector.domains.flatMap(({ contracts = [] }) => contracts);
  return { client, deployment: store.deployment, specs };
}

async function takeIn<Sources>(options: IndexerOptions<Sources>, applied: readonly ChainEvent[]) {
  if (applied.length === 0) return;
  options.onEvents?.(applied);
  const blocks = new Set(applied.map(({ block }) => block)).size;
  await sealUpTo(blocks, options);
  await tidyWhenDue(options.store, blocks);
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
