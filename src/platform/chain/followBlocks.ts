import { type BlockFault, type BlockLink, findLinkFault } from "./blockEvidence.ts";

/** Blocks from one to another, both included. */
export type BlockRange = { readonly from: number; readonly to: number };

/** The blocks of a range up to the first that could not be read, and why; `failure` is null when all were. */
export type RangeRead<Block> = { readonly blocks: readonly Block[]; readonly failure: Error | null };

/** Reads a range of blocks; never rejects for what a node or an archive does. */
export type RangeReader<Block> = (range: BlockRange) => Promise<RangeRead<Block>>;

type LinkedBlock = { readonly link: BlockLink; readonly fault: { readonly rule: string } | null };

/** Blocks of a range: they are asked for at once, which keeps the connections to a node few. */
const RANGE_BLOCKS = 16;
/** A growing chain is followed up to this distance: nodes keep the states of some blocks only, at least 16. */
const MAX_BLOCKS_BEHIND = 4;

/**
 * All blocks from `fromBlock` on in their order, each held against the one before it, until the newest is near; a chain
 * that grows meanwhile is followed. At most `ranges` ranges are read ahead, so that what is kept does not grow with the
 * chain.
 *
 * @throws the failure of the first block that can't be read, once those before it were given
 */
export async function* followBlocks<Block extends LinkedBlock>({
  readRange,
  ranges,
  fromBlock,
  newestBlock,
}: {
  readRange: RangeReader<Block>;
  ranges: number;
  fromBlock: number;
  newestBlock: () => Promise<number>;
}): AsyncGenerator<Block | (Block & { readonly fault: BlockFault }), void, undefined> {
  const underWay: Promise<RangeRead<Block>>[] = [];
  let parent: BlockLink | null = null;
  let next = fromBlock;
  let newest = await newestBlock();
  for (;;) {
    for (; underWay.length < ranges && next <= newest; next += RANGE_BLOCKS)
      underWay.push(startRange(readRange, { from: next, to: Math.min(next + RANGE_BLOCKS - 1, newest) }));
    next = Math.min(next, newest + 1);
    const reading = underWay.shift();
    if (reading === undefined) {
      newest = await newestBlock();
      if (newest - next < MAX_BLOCKS_BEHIND) return;
      continue;
    }
    const { blocks, failure } = await reading;
    for (const block of blocks) {
      yield withLinkFault(block, parent);
      parent = block.link;
    }
    if (failure !== null) throw failure;
  }
}

/** A range that fails is told of in its turn: until then nobody waits for it. */
function startRange<Block>(readRange: RangeReader<Block>, range: BlockRange): Promise<RangeRead<Block>> {
  const reading = readRange(range);
  reading.catch(() => undefined);
  return reading;
}

/** What its own hashes disprove goes first; an event that can't be read says less than a block that follows none. */
function withLinkFault<Block extends LinkedBlock>(block: Block, parent: BlockLink | null) {
  if (block.fault !== null && block.fault.rule !== "unreadableEvent") return block;
  const fault = findLinkFault(block.link, parent);
  return fault === null ? block : { ...block, fault };
}
