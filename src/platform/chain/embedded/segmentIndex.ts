import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { Hex } from "#kernel/crypto/hex.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";
import type { ArchivedBlock } from "./archivedBlock.ts";
import { MARK_BYTES, marksOf } from "./logFilter.ts";

/**
 * Where the blocks of a segment lie, what their logs are about, and which block a hash belongs to. It follows from the segment
 * and is only kept to start faster. Numbers count from the segment's first block.
 */
export type SegmentIndex = {
  /** Where each record begins, and where the last one ends. */
  readonly offsets: readonly number[] | Uint32Array;
  marks(at: number): Uint8Array;
  /** Blocks that may have this hash, or a transaction with it. */
  candidates(hash: Hex): readonly number[];
};

/** The index of the segment that still grows. */
export type GrowingIndex = SegmentIndex & {
  add(block: ArchivedBlock, end: number): void;
  /** The same, sorted and packed. */
  pack(): PackedIndex;
};

/** An index as it is kept: plain arrays. `hashes` are the first eight bytes of each, sorted; `blocks` stand beside them. */
export type PackedIndex = {
  readonly offsets: Uint32Array;
  readonly marks: Uint8Array;
  readonly hashes: BigUint64Array;
  readonly blocks: Uint32Array;
};

const HASH_DIGITS = 16;

export function growIndex(firstOffset: number): GrowingIndex {
  const offsets = [firstOffset];
  const marks: Uint8Array[] = [];
  const blocksOf = new Map<bigint, number[]>();
  return {
    offsets,
    marks: (at) => marks[at] ?? new Uint8Array(MARK_BYTES),
    candidates: (hash) => blocksOf.get(prefixOf(hash)) ?? [],
    add: (block, end) => {
      const at = marks.length;
      offsets.push(end);
      marks.push(marksOf(block));
      for (const hash of [block.header.hash, ...block.transactions.map((each) => each.hash)]) {
        const prefix = prefixOf(hash);
        blocksOf.set(prefix, [...(blocksOf.get(prefix) ?? []), at]);
      }
    },
    pack: () => {
      const pairs = [...blocksOf].flatMap(([prefix, list]) => list.map((at) => [prefix, at] as const));
      pairs.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x - y));
      return {
        offsets: Uint32Array.from(offsets),
        marks: Buffer.concat(marks),
        hashes: BigUint64Array.from(pairs, ([prefix]) => prefix),
        blocks: Uint32Array.from(pairs, ([, at]) => at),
      };
    },
  };
}

export function packedIndex({ offsets, marks, hashes, blocks }: PackedIndex): SegmentIndex {
  return {
    offsets,
    marks: (at) => marks.subarray(at * MARK_BYTES, (at + 1) * MARK_BYTES),
    candidates: (hash) => {
      const prefix = prefixOf(hash);
      const found: number[] = [];
      for (let i = firstAtLeast(hashes, prefix); hashes[i] === prefix; i += 1) found.push(blocks[i] ?? 0);
      return found;
    },
  };
}

/** Writes an index beside its segment: four arrays, each with its length before it, and a checksum. */
export function writeIndexFile(path: string, index: PackedIndex): void {
  const arrays = [index.offsets, index.marks, index.hashes, index.blocks];
  const parts = arrays.flatMap((array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(array.byteLength);
    return [length, Buffer.from(array.buffer, array.byteOffset, array.byteLength)];
  });
  const body = Buffer.concat(parts);
  writeFileAside(path, Buffer.concat([checksumOf(body), body]));
}

/** Reads it; null when it is missing or no longer what was written: it is made anew from the segment. */
export function readIndexFile(path: string): PackedIndex | null {
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  const body = bytes.subarray(CHECKSUM_BYTES);
  if (bytes.length < CHECKSUM_BYTES || !checksumOf(body).equals(bytes.subarray(0, CHECKSUM_BYTES)))
    return null;
  const parts: ArrayBuffer[] = [];
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32LE(at);
    parts.push(copyOf(body.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  const [offsets, marks, hashes, blocks] = parts;
  if (!offsets || !marks || !hashes || !blocks) return null;
  return {
    offsets: new Uint32Array(offsets),
    marks: new Uint8Array(marks),
    hashes: new BigUint64Array(hashes),
    blocks: new Uint32Array(blocks),
  };
}

const CHECKSUM_BYTES = 32;

function checksumOf(body: Uint8Array): Buffer {
  return createHash("sha256").update(body).digest();
}

/** A copy that begins where numbers of eight bytes may begin. */
function copyOf(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}

function prefixOf(hash: Hex): bigint {
  return BigInt(hash.slice(0, 2 + HASH_DIGITS));
}

function firstAtLeast(sorted: BigUint64Array, value: bigint): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0n) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
