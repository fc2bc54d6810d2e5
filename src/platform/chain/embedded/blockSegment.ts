import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { writeFileAside } from "#platform/system/writeFileAside.ts";
import { headerHash } from "../blockEvidence.ts";
import { HEX } from "./anvilRpc.ts";
import { type ArchivedBlock, decodeBlock } from "./archivedBlock.ts";
import { encodeRecord, readRecord } from "./blockRecord.ts";
import { ChainStateDamagedError } from "./chainStateDamaged.ts";

const HEADER = z.strictObject({
  format: z.literal(1),
  chainId: z.int(),
  firstBlock: z.int().nonnegative(),
  parentHash: HEX,
});

/** First record of a segment: which chain, the first block, and the hash of the one before it. */
export type SegmentHeader = Readonly<z.infer<typeof HEADER>>;

/** Called with each block of a segment, in order, and where its record lies. */
export type OnBlock = (
  block: ArchivedBlock,
  place: { readonly offset: number; readonly end: number },
) => void;

/** What a segment's file holds. `goodBytes` end after the last whole record; `tornBytes` follow, a write cut short. */
export type SegmentContent = {
  readonly header: SegmentHeader;
  readonly headerEnd: number;
  readonly goodBytes: number;
  readonly tornBytes: number;
};

/** Number of a segment's first record, which is no block. */
const HEADER_RECORD = -1;

/** Creates, or replaces, a segment's file that holds its header only. */
export function createSegmentFile(path: string, header: SegmentHeader): void {
  writeFileAside(path, encodeRecord(HEADER_RECORD, Buffer.from(JSON.stringify(header))));
}

/**
 * Reads a segment's file and checks every record, and that each block follows the one before it by its hash.
 *
 * @throws ChainStateDamagedError naming the file, the byte and the block
 */
export function scanSegmentFile(path: string, onBlock: OnBlock = () => {}): SegmentContent {
  const bytes = readBytes(path);
  const { header, end: headerEnd } = readHeader(path, bytes);
  let offset = headerEnd;
  let { parentHash } = header;
  for (let number = header.firstBlock; offset < bytes.length; number += 1) {
    const record = readRecord(bytes, { path, number, offset });
    if (record === null) break;
    const block = decodeAt({ path, number, offset, content: record.content });
    const { hash } = block.header;
    if (
      block.number !== number ||
      block.header.parentHash !== parentHash ||
      headerHash(block.header) !== hash
    )
      throw new ChainStateDamagedError({
        file: path,
        problem: `is damaged: at byte ${offset} block ${block.number} does not follow the one before it by its hash`,
      });
    onBlock(block, { offset, end: record.end });
    parentHash = hash;
    offset = record.end;
  }
  return { header, headerEnd, goodBytes: offset, tornBytes: bytes.length - offset };
}

/** The header of a segment's file and where it ends, without reading its blocks. */
export function readHeader(path: string, bytes: Buffer): { header: SegmentHeader; end: number } {
  const record = readRecord(bytes, { path, number: HEADER_RECORD, offset: 0 });
  const parsed = record === null ? null : HEADER.safeParse(parseJson(record.content));
  if (record === null || !parsed?.success)
    throw new ChainStateDamagedError({ file: path, problem: "has no header that this version reads" });
  return { header: parsed.data, end: record.end };
}

/** A block out of a record's content. */
export function decodeAt(record: {
  path: string;
  number: number;
  offset: number;
  content: Buffer;
}): ArchivedBlock {
  try {
    return decodeBlock(record.content);
  } catch (cause) {
    const { path, number, offset } = record;
    const problem = `is damaged: the record at byte ${offset}, block ${number}, can't be read`;
    throw new ChainStateDamagedError({ file: path, problem, cause });
  }
}

function parseJson(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString("utf8"));
  } catch {
    return null;
  }
}

function readBytes(path: string): Buffer {
  if (!existsSync(path)) throw new ChainStateDamagedError({ file: path, problem: "is missing" });
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ChainStateDamagedError({ file: path, problem: "can't be read", cause });
  }
}
