import { closeSync, fstatSync, openSync, readdirSync, readSync, truncateSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { type ArchivedBlock, encodeBlock } from "./archivedBlock.ts";
import { encodeRecord, RECORD_HEAD_BYTES, readRecord } from "./blockRecord.ts";
import {
  createSegmentFile,
  decodeAt,
  readHeader,
  type SegmentContent,
  scanSegmentFile,
} from "./blockSegment.ts";
import { ChainStateDamagedError } from "./chainStateDamaged.ts";
import { type LogSelection, marksTest } from "./logFilter.ts";
import {
  type GrowingIndex,
  growIndex,
  packedIndex,
  readIndexFile,
  type SegmentIndex,
  writeIndexFile,
} from "./segmentIndex.ts";

/**
 * All blocks of a chain, in files that only grow (docs/decisions/012). What `append` returned for survives a power cut.
 * Blocks are read one by one; in memory are only places, marks and the beginnings of hashes.
 */
export type BlockArchive = {
  /** Number of the newest block; -1 when there is none. */
  newest(): number;
  /** Adds the blocks that follow the newest. After a failure the archive takes no more. */
  append(blocks: readonly ArchivedBlock[]): Promise<void>;
  /** The block, or null when it is not here. */
  block(number: number): ArchivedBlock | null;
  blockByHash(hash: Hex): ArchivedBlock | null;
  /** The block that holds the transaction, and its place in it. */
  transaction(hash: Hex): { readonly block: ArchivedBlock; readonly index: number } | null;
  /** Blocks from `fromBlock` to `toBlock`, both included, that may hold logs of the selection, in order. */
  blocksWith(
    selection: LogSelection,
    range: { readonly fromBlock: number; readonly toBlock: number },
  ): AsyncGenerator<ArchivedBlock, void, undefined>;
  close(): Promise<void>;
};

/**
 * A file is closed and the next begun when it has reached this size: some 2,000 blocks of a small community. The last file
 * is read whole at each start.
 */
const SEGMENT_BYTES = 4_194_304;
/** Blocks kept decoded: what a reader asks for next is mostly a receipt of the same block. */
const CACHED_BLOCKS = 64;
/** Blocks read before others get their turn. */
const BLOCKS_A_TURN = 64;
const SEGMENT_NAME = /^blocks-(\d+)\.archive$/;

type Segment = {
  readonly path: string;
  readonly firstBlock: number;
  readonly index: SegmentIndex;
  readonly file: number;
};
type Growing = Segment & { readonly index: GrowingIndex };

type State = {
  readonly directory: string;
  readonly chainId: number;
  readonly segmentBytes: number;
  readonly sealed: Segment[];
  growing: Growing;
  writer: FileHandle;
  newestHash: Hex;
  failure: BlockWriteError | null;
  readonly cache: Map<number, ArchivedBlock>;
};

type ArchiveOptions = {
  readonly directory: string;
  readonly chainId: number;
  /** Told in one sentence that the last block was not finished and is cut off. */
  readonly onNotice?: (sentence: string) => void;
  readonly segmentBytes?: number;
};

const NO_BLOCK: Hex = `0x${"0".repeat(64)}`;

/** Begins an archive in the directory. */
export async function createBlockArchive(options: ArchiveOptions): Promise<BlockArchive> {
  const { directory, chainId, segmentBytes = SEGMENT_BYTES } = options;
  const path = segmentPath(directory, 0);
  createSegmentFile(path, { format: 1, chainId, firstBlock: 0, parentHash: NO_BLOCK });
  const { headerEnd } = scanSegmentFile(path);
  const growing = { path, firstBlock: 0, index: growIndex(headerEnd), file: openSync(path, "r") };
  const writer = await open(path, "a");
  return archiveOn({
    ...{ directory, chainId, segmentBytes, sealed: [], growing, writer },
    ...{ newestHash: NO_BLOCK, failure: null, cache: new Map() },
  });
}

/**
 * Opens the archive in the directory. A last block that was not finished is cut off with a notice.
 *
 * @throws ChainStateDamagedError when a file is missing, or anything else does not fit
 */
export async function openBlockArchive(options: ArchiveOptions): Promise<BlockArchive> {
  const { directory, chainId, segmentBytes = SEGMENT_BYTES, onNotice = () => {} } = options;
  const numbers = segmentNumbers(directory);
  const last = numbers.at(-1);
  if (numbers[0] !== 0 || last === undefined)
    throw new ChainStateDamagedError({ file: segmentPath(directory, 0), problem: "is missing" });
  requireNoSuccessor(directory, last);
  const sealed = numbers.slice(0, -1).map((firstBlock) => openSealed(directory, firstBlock));
  const { growing, content, newestHash } = scanGrowing(directory, last);
  requireContinuous({ chainId, sealed, growing, content });
  if (content.tornBytes > 0) {
    truncateSync(growing.path, content.goodBytes);
    onNotice(
      `${growing.path} ends in ${content.tornBytes} bytes of a block that was never finished: they are dropped`,
    );
  }
  const writer = await open(growing.path, "a");
  if (content.tornBytes > 0) await writer.sync();
  return archiveOn({
    ...{ directory, chainId, segmentBytes, sealed, growing, writer, newestHash },
    ...{ failure: null, cache: new Map() },
  });
}

/** Names of the archive's files in the directory. */
export function archiveFiles(directory: string): string[] {
  return readdirSync(directory).filter((name) => SEGMENT_NAME.test(name));
}

function archiveOn(state: State): BlockArchive {
  return {
    newest: () => newestOf(state),
    append: (blocks) => append(state, blocks),
    block: (number) => readBlock(state, number),
    blockByHash: (hash) => find(state, hash, (block) => (block.header.hash === hash ? block : null)),
    transaction: (hash) =>
      find(state, hash, (block) => {
        const index = block.transactions.findIndex((each) => each.hash === hash);
        return index < 0 ? null : { block, index };
      }),
    blocksWith: (selection, range) => blocksWith(state, selection, range),
    close: async () => {
      for (const { file } of [...state.sealed, state.growing]) closeSync(file);
      await state.writer.close();
    },
  };
}

function newestOf({ growing }: State): number {
  return growing.firstBlock + countOf(growing) - 1;
}

function countOf({ index }: Segment): number {
  return index.offsets.length - 1;
}

async function append(state: State, blocks: readonly ArchivedBlock[]): Promise<void> {
  // After a failed write or fsync nobody knows what is on the disk; a further block could hide the gap.
  if (state.failure !== null) throw state.failure;
  try {
    const records = blocks.map((block) => ({ block, bytes: encodeRecord(block.number, encodeBlock(block)) }));
    requireNext(state, blocks);
    await state.writer.appendFile(Buffer.concat(records.map(({ bytes }) => bytes)));
    await state.writer.datasync();
    const { index } = state.growing;
    for (const { block, bytes } of records)
      index.add(block, present(index.offsets.at(-1), "the end of a segment") + bytes.length);
    state.newestHash = blocks.at(-1)?.header.hash ?? state.newestHash;
    if ((index.offsets.at(-1) ?? 0) >= state.segmentBytes) await rotate(state);
  } catch (cause) {
    state.failure = new BlockWriteError(state.growing.path, { cause });
    throw state.failure;
  }
}

function requireNext(state: State, blocks: readonly ArchivedBlock[]): void {
  let [number, hash] = [newestOf(state) + 1, state.newestHash];
  for (const block of blocks) {
    if (block.number !== number || block.header.parentHash !== hash)
      throw new Error(`block ${block.number} does not follow block ${number - 1}`);
    [number, hash] = [number + 1, block.header.hash];
  }
}

/**
 * The file is full: the next one is begun, then the full one's index is kept beside it. An index therefore says that another
 * file follows; cut off in between, the next start makes it.
 */
async function rotate(state: State): Promise<void> {
  const { directory, chainId, growing, newestHash } = state;
  const firstBlock = newestOf(state) + 1;
  const path = segmentPath(directory, firstBlock);
  createSegmentFile(path, { format: 1, chainId, firstBlock, parentHash: newestHash });
  const packed = growing.index.pack();
  writeIndexFile(indexPath(directory, growing.firstBlock), packed);
  await state.writer.close();
  state.writer = await open(path, "a");
  state.sealed.push({ ...growing, index: packedIndex(packed) });
  const { headerEnd } = scanSegmentFile(path);
  state.growing = { path, firstBlock, index: growIndex(headerEnd), file: openSync(path, "r") };
}

function readBlock(state: State, number: number): ArchivedBlock | null {
  if (number < 0 || number > newestOf(state)) return null;
  const known = state.cache.get(number);
  if (known) return known;
  const block = readFrom(segmentOf(state, number), number);
  state.cache.set(number, block);
  const [oldest] = state.cache.keys();
  if (state.cache.size > CACHED_BLOCKS && oldest !== undefined) state.cache.delete(oldest);
  return block;
}

function segmentOf({ sealed, growing }: State, number: number): Segment {
  if (number >= growing.firstBlock) return growing;
  const segment = sealed.findLast(({ firstBlock }) => firstBlock <= number);
  return present(segment, `the file of block ${number}`);
}

function readFrom({ path, firstBlock, index, file }: Segment, number: number): ArchivedBlock {
  const at = number - firstBlock;
  const offset = present(index.offsets[at], `the place of block ${number}`);
  const bytes = Buffer.alloc(present(index.offsets[at + 1], `the end of block ${number}`) - offset);
  readSync(file, bytes, 0, bytes.length, offset);
  const record = readRecord(bytes, { path, number, offset }, 0);
  if (record === null)
    throw new ChainStateDamagedError({
      file: path,
      problem: `ends within block ${number} at byte ${offset}`,
    });
  return decodeAt({ path, number, offset, content: record.content });
}

/** What `pick` finds among the blocks that may have the hash; the newest file first. */
function find<T>(state: State, hash: Hex, pick: (block: ArchivedBlock) => T | null): T | null {
  for (const { firstBlock, index } of [state.growing, ...state.sealed.toReversed()])
    for (const at of index.candidates(hash)) {
      const block = readBlock(state, firstBlock + at);
      const found = block === null ? null : pick(block);
      if (found !== null) return found;
    }
  return null;
}

async function* blocksWith(
  state: State,
  selection: LogSelection,
  { fromBlock, toBlock }: { readonly fromBlock: number; readonly toBlock: number },
): AsyncGenerator<ArchivedBlock, void, undefined> {
  const mayHold = marksTest(selection);
  let read = 0;
  for (const segment of [...state.sealed, state.growing]) {
    const first = Math.max(fromBlock, segment.firstBlock);
    const last = Math.min(toBlock, segment.firstBlock + countOf(segment) - 1);
    for (let number = first; number <= last; number += 1) {
      if (!mayHold(segment.index.marks(number - segment.firstBlock))) continue;
      const block = readBlock(state, number);
      if (block !== null) yield block;
      read += 1;
      if (read % BLOCKS_A_TURN === 0) await setImmediate();
    }
  }
}

/** The last file has no index yet: one that has was followed by another, which is gone. */
function requireNoSuccessor(directory: string, last: number): void {
  const index = readIndexFile(indexPath(directory, last));
  if (index === null) return;
  const next = last + index.offsets.length - 1;
  throw new ChainStateDamagedError({ file: segmentPath(directory, next), problem: "is missing" });
}

function openSealed(directory: string, firstBlock: number): Segment {
  const path = segmentPath(directory, firstBlock);
  const file = openSync(path, "r");
  const kept = readIndexFile(indexPath(directory, firstBlock));
  const isWhole = kept !== null && kept.offsets.at(-1) === fstatSync(file).size;
  if (isWhole) return { path, firstBlock, index: packedIndex(kept), file };
  const { growing, content } = scanGrowing(directory, firstBlock);
  closeSync(file);
  if (content.tornBytes > 0)
    throw new ChainStateDamagedError({
      file: path,
      problem: `ends within a block at byte ${content.goodBytes}`,
    });
  const packed = growing.index.pack();
  writeIndexFile(indexPath(directory, firstBlock), packed);
  return { ...growing, index: packedIndex(packed) };
}

function scanGrowing(directory: string, firstBlock: number) {
  const path = segmentPath(directory, firstBlock);
  let index: GrowingIndex | null = null;
  let newestHash: Hex | null = null;
  const content = scanSegmentFile(path, (block, { offset, end }) => {
    index ??= growIndex(offset);
    index.add(block, end);
    newestHash = block.header.hash;
  });
  const growing: Growing = {
    path,
    firstBlock,
    index: index ?? growIndex(content.headerEnd),
    file: openSync(path, "r"),
  };
  return { growing, content, newestHash: newestHash ?? content.header.parentHash };
}

/** Each file goes on where the one before it ends, in number; within and between files blocks are linked by hash. */
function requireContinuous({
  chainId,
  sealed,
  growing,
  content,
}: {
  chainId: number;
  sealed: readonly Segment[];
  growing: Growing;
  content: SegmentContent;
}): void {
  let [next, parentHash]: [number, Hex] = [0, NO_BLOCK];
  for (const segment of [...sealed, growing]) {
    const header = segment === growing ? content.header : readHeaderOf(segment);
    const isNext =
      header.firstBlock === next && header.parentHash === parentHash && header.chainId === chainId;
    if (!isNext)
      throw new ChainStateDamagedError({
        file: segment.path,
        problem: `begins at block ${header.firstBlock} of chain ${header.chainId} where block ${next} of chain ${chainId} follows`,
      });
    next += countOf(segment);
    if (segment !== growing) parentHash = readFrom(segment, next - 1).header.hash;
  }
}

function readHeaderOf({ path, file, index }: Segment) {
  const bytes = Buffer.alloc(index.offsets[0] ?? RECORD_HEAD_BYTES);
  readSync(file, bytes, 0, bytes.length, 0);
  return readHeader(path, bytes).header;
}

function segmentNumbers(directory: string): number[] {
  return archiveFiles(directory)
    .map((name) => Number(SEGMENT_NAME.exec(name)?.[1]))
    .sort((a, b) => a - b);
}

export function segmentPath(directory: string, firstBlock: number): string {
  return join(directory, `blocks-${firstBlock}.archive`);
}

function indexPath(directory: string, firstBlock: number): string {
  return join(directory, `blocks-${firstBlock}.index`);
}

/** Blocks could not be made durable; the chain must be stopped, and continues from what the disk holds. */
export class BlockWriteError extends DomainError {
  readonly code = "blockWriteFailed";

  constructor(path: string, options: ErrorOptions) {
    super(`${path} can't be written: stop, free the disk, and start again`, options);
  }
}
